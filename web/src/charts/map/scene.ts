import type { Camera, Matrix, Viewport } from "@/lib/camera";
import type { Glide } from "@/lib/film";

/** How the points look: colors and which of them stand back. */
export interface Look {
  /** Red, green, blue and opacity, a byte each, 4 a point. */
  readonly colors: Uint8Array;
  /** 1 for a point in the foreground, 0 for one that is dimmed: such a one cannot be picked. */
  readonly lit: Uint8Array;
  /** All points in the order of drawing: the dimmed ones first. */
  readonly order: Uint32Array;
  /** How many of `order` are dimmed. */
  readonly dimmed: number;
}

/** Everything that one picture of the map is made of. */
export interface Scene {
  readonly glide: Glide;
  readonly look: Look;
  readonly camera: Camera;
  readonly matrix: Matrix;
  readonly view: Viewport;
  readonly now: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
  /** Diameter of a point in CSS pixels; in 3-D, of one at the distance of the target. */
  readonly size: number;
  /** Distances from the camera of the nearest and farthest points, for the fade of 3-D. */
  readonly depth: readonly [near: number, far: number];
}

/** Draws points on a canvas of its own. */
export interface PointRenderer {
  readonly kind: "webgl2" | "canvas";
  readonly canvas: HTMLCanvasElement;
  draw(scene: Scene): void;
  dispose(): void;
}

/** What a layer can ask of the map while it draws. */
export interface LayerScene extends Scene {
  readonly pen: CanvasRenderingContext2D;
  /** Milliseconds since the layer was last drawn; 0 at first. */
  readonly elapsed: number;
  /** Where the points are just now, 3 a point. */
  readonly positions: Float32Array;
  /** Where a point (by its place in the frame) is on the canvas; null when behind the camera. */
  readonly pixel: (at: number) => readonly [x: number, y: number] | null;
  /** Where any place of the map is on the canvas. */
  readonly pixelOf: (x: number, y: number, z: number) => readonly [x: number, y: number] | null;
  /** Asks for another picture, when what a layer waits for has come. */
  readonly again: () => void;
}

/** Something drawn under or over the points. A layer knows how to draw, not why. */
export interface MapLayer {
  readonly place: "under" | "over";
  /**
   * Changes when the layer is to be drawn otherwise though the camera stands still; none for one that
   * follows the points. Layers that all have one are drawn again only when they changed.
   */
  readonly stamp?: number;
  /** Answers whether it is still moving, and wants to be drawn again. */
  draw(scene: LayerScene): boolean;
}

/** Size of a point: large enough to see its color, small enough to see the shape of a heap. */
export function pointSize(count: number, zoomed: number, area: number): number {
  const crowd = Math.sqrt(area / Math.max(count, 1)) / 2.9;
  return Math.max(2.2, Math.min(5.4, crowd)) * Math.max(0.8, Math.min(2.6, zoomed ** 0.4));
}
