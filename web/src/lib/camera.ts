/** The only place that turns coordinates of a projection into pixels, and back. */

declare const space: unique symbol;
/** A place on a map, in the units of the projection; z is 0 on a 2-D map. */
export type ProjectionPoint = readonly [x: number, y: number, z: number] & { readonly [space]: "projection" };
/** A place on the canvas, in CSS pixels from its upper left corner. */
export type ScreenPoint = readonly [x: number, y: number] & { readonly [space]: "screen" };

export const projectionPoint = (x: number, y: number, z = 0) => [x, y, z] as unknown as ProjectionPoint;
export const screenPoint = (x: number, y: number) => [x, y] as unknown as ScreenPoint;

/** Size of the canvas in CSS pixels. */
export interface Viewport {
  readonly width: number;
  readonly height: number;
}

export interface Bounds {
  readonly min: readonly number[];
  readonly max: readonly number[];
}

/** Looks straight down on a 2-D map. `scale` is pixels per unit. */
export interface PlaneCamera {
  readonly kind: "plane";
  readonly center: readonly [number, number];
  readonly scale: number;
}

/** Looks at a target from a distance. Angles in radians; pitch 0 looks along the horizon. */
export interface OrbitCamera {
  readonly kind: "orbit";
  readonly target: readonly [number, number, number];
  readonly distance: number;
  readonly yaw: number;
  readonly pitch: number;
}

export type Camera = PlaneCamera | OrbitCamera;
/** Projection to clip space, 4 × 4, column by column. */
export type Matrix = Float32Array;

const FIELD_OF_VIEW = (32 * Math.PI) / 180;
const LENS = 1 / Math.tan(FIELD_OF_VIEW / 2);
const PITCH_LIMIT = Math.PI / 2 - 0.01;
export const FIRST_YAW = 0.6;
export const FIRST_PITCH = 0.42;

/** The camera that shows all of `bounds` with `margin` pixels to spare on each side. */
export function fit(bounds: Bounds, dims: 2 | 3, view: Viewport, margin = 40): Camera {
  const middle = [0, 1, 2].map((d) => ((bounds.min[d] ?? 0) + (bounds.max[d] ?? 0)) / 2);
  const span = [0, 1, 2].map((d) => Math.max((bounds.max[d] ?? 0) - (bounds.min[d] ?? 0), 1e-9));
  const [x = 0, y = 0, z = 0] = middle;
  const [room, tall] = [Math.max(view.width - 2 * margin, 16), Math.max(view.height - 2 * margin, 16)];
  if (dims === 2) {
    const scale = Math.min(room / (span[0] as number), tall / (span[1] as number));
    return { kind: "plane", center: [x, y], scale };
  }
  const radius = Math.hypot(...span) / 2;
  const share = Math.min(room / Math.max(view.height, 1), tall / Math.max(view.height, 1));
  const distance = (radius * LENS) / Math.max(share, 0.1);
  return { kind: "orbit", target: [x, y, z], distance: distance * 0.84, yaw: FIRST_YAW, pitch: FIRST_PITCH };
}

export function matrixOf(camera: Camera, view: Viewport): Matrix {
  return camera.kind === "plane" ? planeMatrix(camera, view) : orbitMatrix(camera, view);
}

function planeMatrix({ center, scale }: PlaneCamera, view: Viewport): Matrix {
  const [sx, sy] = [(2 * scale) / view.width, (2 * scale) / view.height];
  return new Float32Array([sx, 0, 0, 0, 0, sy, 0, 0, 0, 0, 0, 0, -center[0] * sx, -center[1] * sy, 0, 1]);
}

/** Right, up and back of the camera. */
export function axesOf({ yaw, pitch }: OrbitCamera): readonly [number[], number[], number[]] {
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  return [
    [cy, 0, -sy],
    [-sy * sp, cp, -cy * sp],
    [sy * cp, sp, cy * cp],
  ];
}

function orbitMatrix(camera: OrbitCamera, view: Viewport): Matrix {
  const [right, up, back] = axesOf(camera);
  const { target, distance } = camera;
  const lens = [(LENS * view.height) / view.width, LENS];
  const [near, far] = [distance * 0.05, distance * 20];
  const [a, b] = [(far + near) / (near - far), (2 * far * near) / (near - far)];
  const out = new Float32Array(16);
  const rows = [right, up, back];
  const shift = rows.map((axis) => -dot(axis, target));
  for (let d = 0; d < 3; d += 1) {
    out[d * 4] = (right[d] as number) * (lens[0] as number);
    out[d * 4 + 1] = (up[d] as number) * (lens[1] as number);
    out[d * 4 + 2] = (back[d] as number) * a;
    out[d * 4 + 3] = -(back[d] as number);
  }
  const depth = (shift[2] as number) - distance;
  out[12] = (shift[0] as number) * (lens[0] as number);
  out[13] = (shift[1] as number) * (lens[1] as number);
  out[14] = depth * a + b;
  out[15] = -depth;
  return out;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return (a[0] as number) * (b[0] as number) + (a[1] as number) * (b[1] as number) + (a[2] as number) * (b[2] as number);
}

/** Where a point is on the canvas; null when it is behind the camera. */
export function toScreen(matrix: Matrix, view: Viewport, point: ProjectionPoint): ScreenPoint | null {
  const out = new Float32Array(2);
  projectAll(matrix, view, Float32Array.from(point), out);
  return Number.isNaN(out[0]) ? null : screenPoint(out[0] as number, out[1] as number);
}

/**
 * Where many points are on the canvas.
 *
 * @param positions Coordinates, 3 a point.
 * @param out Pixels, 2 a point; NaN for a point behind the camera.
 */
export function projectAll(matrix: Matrix, view: Viewport, positions: Float32Array, out: Float32Array): void {
  const m = matrix;
  const [halfWidth, halfHeight] = [view.width / 2, view.height / 2];
  for (let i = 0, j = 0; i < positions.length; i += 3, j += 2) {
    const [x, y, z] = [positions[i] as number, positions[i + 1] as number, positions[i + 2] as number];
    const w = (m[3] as number) * x + (m[7] as number) * y + (m[11] as number) * z + (m[15] as number);
    if (w <= 0) {
      out[j] = out[j + 1] = Number.NaN;
      continue;
    }
    const cx = ((m[0] as number) * x + (m[4] as number) * y + (m[8] as number) * z + (m[12] as number)) / w;
    const cy = ((m[1] as number) * x + (m[5] as number) * y + (m[9] as number) * z + (m[13] as number)) / w;
    out[j] = (cx + 1) * halfWidth;
    out[j + 1] = (1 - cy) * halfHeight;
  }
}

/** The place of a 2-D map under a pixel. */
export function toProjection(camera: PlaneCamera, view: Viewport, at: ScreenPoint): ProjectionPoint {
  return projectionPoint(
    camera.center[0] + (at[0] - view.width / 2) / camera.scale,
    camera.center[1] - (at[1] - view.height / 2) / camera.scale,
  );
}

/** Comes closer by `factor`; what is under `at` stays there on a 2-D map. */
export function zoom(camera: Camera, view: Viewport, at: ScreenPoint, factor: number): Camera {
  if (camera.kind === "orbit") return { ...camera, distance: camera.distance / factor };
  const held = toProjection(camera, view, at);
  const closer = { ...camera, scale: camera.scale * factor };
  const now = toProjection(closer, view, at);
  return { ...closer, center: [closer.center[0] + held[0] - now[0], closer.center[1] + held[1] - now[1]] };
}

/** Moves with a drag of (dx, dy) pixels, so that the map stays under the finger. */
export function pan(camera: Camera, view: Viewport, dx: number, dy: number): Camera {
  if (camera.kind === "plane") {
    return { ...camera, center: [camera.center[0] - dx / camera.scale, camera.center[1] + dy / camera.scale] };
  }
  const [right, up] = axesOf(camera);
  const unit = (2 * camera.distance) / (LENS * view.height);
  const move = (d: 0 | 1 | 2) => camera.target[d] - (right[d] as number) * dx * unit + (up[d] as number) * dy * unit;
  return { ...camera, target: [move(0), move(1), move(2)] };
}

/** Turns around the target; the world follows the drag. */
export function orbit(camera: OrbitCamera, dx: number, dy: number): OrbitCamera {
  const pitch = camera.pitch + dy * 0.006;
  return { ...camera, yaw: camera.yaw - dx * 0.006, pitch: Math.max(-PITCH_LIMIT, Math.min(PITCH_LIMIT, pitch)) };
}

/** A camera between two: zoom by ratio, everything else in a straight line. */
export function between(from: Camera, to: Camera, t: number): Camera {
  const mix = (a: number, b: number) => a + (b - a) * t;
  const ratio = (a: number, b: number) => a * (b / a) ** t;
  if (from.kind === "plane" && to.kind === "plane") {
    const center: [number, number] = [mix(from.center[0], to.center[0]), mix(from.center[1], to.center[1])];
    return { kind: "plane", center, scale: ratio(from.scale, to.scale) };
  }
  if (from.kind === "orbit" && to.kind === "orbit") {
    const target: [number, number, number] = [
      mix(from.target[0], to.target[0]),
      mix(from.target[1], to.target[1]),
      mix(from.target[2], to.target[2]),
    ];
    const [yaw, pitch] = [mix(from.yaw, to.yaw), mix(from.pitch, to.pitch)];
    return { kind: "orbit", target, distance: ratio(from.distance, to.distance), yaw, pitch };
  }
  return to;
}
