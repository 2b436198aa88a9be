import { between, fit, matrixOf, projectAll, projectionPoint, screenPoint, toProjection, toScreen, type Bounds, type Camera, type ProjectionPoint, type ScreenPoint, type Viewport } from "@/lib/camera";
import { Glide, type Easing, type Frame } from "@/lib/film";
import { nearest } from "@/lib/hit";
import { GlRenderer } from "./gl";
import { PlainRenderer } from "./plain";
import { Pulse } from "./pulse";
import { Screens } from "./screens";
import { pointSize, type LayerScene, type Look, type MapLayer, type PointRenderer, type Scene } from "./scene";

const RENDERERS = { card: (canvas: HTMLCanvasElement): PointRenderer => new GlRenderer(canvas), plain: (canvas: HTMLCanvasElement): PointRenderer => new PlainRenderer(canvas) };

const FIT_MS = 320;
const MARGIN = 44;

/** All that a canvas of layers depends on; null when it is to be drawn in any case. */
type Drawn = readonly unknown[] | null;

function isSame(before: Drawn, now: Drawn): boolean {
  return before !== null && before.length === now?.length && before.every((part, at) => part === now[at]);
}

interface Travel {
  readonly from: Camera;
  readonly to: Camera;
  readonly start: number;
}

/**
 * The moving picture of the map: it holds film, look, camera and layers, and draws when one of them
 * changes or is on its way. Nothing here is React's: a frame costs no render.
 */
export class Stage {
  private readonly screens: Screens<PointRenderer>;
  private view: Viewport = { width: 0, height: 0 };
  private glide: Glide | null = null;
  private look: Look | null = null;
  private layers: readonly MapLayer[] = [];
  private camera: Camera | null = null;
  private travel: Travel | null = null;
  private home: { readonly bounds: Bounds; readonly dims: 2 | 3 } | null = null;
  private touched = false;
  private readonly pulse: Pulse;
  private last = 0;
  private pixels = new Float32Array(0);
  private positions = new Float32Array(0);
  private stale = true;
  /** What is on the canvases; the same need not be drawn again. */
  private readonly drawn: Record<"under" | "over", Drawn> = { under: null, over: null };
  private readonly watchers = new Set<() => void>();

  constructor(private readonly host: HTMLElement, onReason: (reason: string | null) => void) {
    this.pulse = new Pulse(host, (now) => this.paint(now));
    this.screens = new Screens(host, RENDERERS, onReason, () => this.draw());
  }

  /** Shows a map; points glide there from where they are. */
  show(frame: Frame, duration: number, easing: Easing): void {
    const now = performance.now();
    if (this.glide?.frame === frame) return;
    const moves = this.glide !== null && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.glide = moves && this.glide ? this.glide.to(frame, now, duration, easing) : Glide.still(frame);
    if (this.positions.length !== frame.coords.length) this.positions = new Float32Array(frame.coords.length);
    this.host.dataset.epoch = String(frame.epoch);
    this.stale = true;
    this.pulse.begin();
  }

  setLook(look: Look): void {
    this.look = look;
    this.draw();
  }

  setLayers(layers: readonly MapLayer[]): void {
    this.layers = layers;
    this.draw();
  }

  /** The bounds to show until somebody moves the camera. */
  setHome(bounds: Bounds, dims: 2 | 3): void {
    const turned = this.home?.dims !== dims;
    this.home = { bounds, dims };
    if (turned) this.touched = false;
    if (!this.touched) this.goHome(turned || !this.camera);
  }

  /** Shows everything again. */
  reset(): void {
    this.touched = false;
    this.goHome(false);
  }

  private goHome(atOnce: boolean): void {
    if (!this.home || this.view.width === 0) return;
    const to = fit(this.home.bounds, this.home.dims, this.view, MARGIN);
    if (atOnce || !this.camera) this.camera = to;
    else this.travel = { from: this.camera, to, start: performance.now() };
    this.draw();
  }

  /** Moves the camera by hand; from now on it stays where it is put. */
  move(change: (camera: Camera, view: Viewport) => Camera): void {
    if (!this.camera) return;
    this.travel = null;
    this.touched = true;
    this.camera = change(this.camera, this.view);
    this.draw();
  }

  resize(view: Viewport): void {
    this.view = view;
    this.screens.resize(view);
    if (!this.touched) this.goHome(true);
    this.draw();
    if (view.width > 0) this.pulse.drawAtOnce();
  }

  get size(): Viewport {
    return this.view;
  }

  get isTouched(): boolean {
    return this.touched;
  }

  /** The lit point near a pixel, as its place in the frame; -1 for none. */
  pick(x: number, y: number): number {
    const scene = this.scene(performance.now());
    if (!scene) return -1;
    this.refresh(scene);
    return nearest(this.pixels, scene.look.lit, x, y);
  }

  /** Where all points are on the canvas now, 2 numbers a point, NaN behind the camera; null before the first picture. */
  places(): Float32Array | null {
    const scene = this.scene(performance.now());
    if (!scene) return null;
    this.refresh(scene);
    return this.pixels;
  }

  /** Where a point is on the canvas now. */
  pixel(at: number): readonly [number, number] | null {
    const scene = this.scene(performance.now());
    if (!scene || at < 0 || at >= scene.look.lit.length) return null;
    this.refresh(scene);
    const [x, y] = [this.pixels[at * 2] as number, this.pixels[at * 2 + 1] as number];
    return Number.isNaN(x) ? null : [x, y];
  }

  /** The place of a 2-D map under a pixel; null on a map in space. */
  placeAt(x: number, y: number): ProjectionPoint | null {
    const { camera, view } = this;
    return camera?.kind === "plane" && view.width > 0 ? toProjection(camera, view, screenPoint(x, y)) : null;
  }

  /** Where a place of a 2-D map is on the canvas; null on a map in space. */
  pixelOf(x: number, y: number): ScreenPoint | null {
    const { camera, view } = this;
    return camera?.kind === "plane" && view.width > 0 ? toScreen(matrixOf(camera, view), view, projectionPoint(x, y)) : null;
  }

  /** Calls after every picture, so that what is pinned to a point can follow it. */
  onPicture(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** Draws with the next picture of the screen. */
  draw(): void {
    this.stale = true;
    this.pulse.draw();
  }

  /** Draws one picture; answers whether something is still on its way. */
  private paint(now: number): boolean | null {
    this.advance(now);
    const scene = this.scene(now);
    if (!scene) return null;
    this.screens.points.draw(scene);
    const moved = this.paintLayers(scene);
    this.last = now;
    for (const watcher of this.watchers) watcher();
    return moved || !scene.glide.isOver(now) || this.travel !== null;
  }

  private advance(now: number): void {
    if (!this.travel) return;
    const t = Math.min(1, (now - this.travel.start) / FIT_MS);
    this.camera = between(this.travel.from, this.travel.to, 1 - (1 - t) ** 3);
    if (t >= 1) this.travel = null;
  }

  private paintLayers(scene: Scene): boolean {
    let moving = false;
    const positions = this.here(scene);
    const pixelOf = (x: number, y: number, z: number) => {
      const out = new Float32Array(2);
      projectAll(scene.matrix, scene.view, Float32Array.of(x, y, z), out);
      return Number.isNaN(out[0]) ? null : ([out[0] as number, out[1] as number] as const);
    };
    const pixel = (at: number) => pixelOf(positions[at * 3] as number, positions[at * 3 + 1] as number, positions[at * 3 + 2] as number);
    for (const place of ["under", "over"] as const) {
      const here = this.layers.filter((layer) => layer.place === place);
      const now: Drawn = [this.camera, this.view, this.screens.ratio, ...here.flatMap((layer) => [layer, layer.stamp])];
      if (here.every(({ stamp }) => stamp !== undefined) && isSame(this.drawn[place], now)) continue;
      const pen = this.screens.cleared(place);
      const elapsed = this.last === 0 ? 0 : Math.min(64, scene.now - this.last);
      const all: LayerScene = { ...scene, pen, elapsed, positions, pixel, pixelOf, again: () => this.draw() };
      const moved = here.map((layer) => layer.draw(all)).includes(true);
      this.drawn[place] = moved ? null : now;
      moving ||= moved;
    }
    return moving;
  }

  private here({ glide, now }: Scene): Float32Array {
    return glide.positions(now, this.positions);
  }

  private refresh(scene: Scene): void {
    if (!this.stale && scene.glide.isOver(scene.now)) return;
    if (this.pixels.length !== scene.look.lit.length * 2) this.pixels = new Float32Array(scene.look.lit.length * 2);
    projectAll(scene.matrix, scene.view, this.here(scene), this.pixels);
    this.stale = this.pulse.isDue;
  }

  private scene(now: number): Scene | null {
    const { glide, look, camera, view, home } = this;
    if (!glide || !look || !camera || !home || view.width === 0) return null;
    if (look.lit.length !== glide.frame.ids.length) return null;
    const ratio = this.screens.ratio;
    const rest = fit(home.bounds, home.dims, view, MARGIN);
    const zoomed = camera.kind === "plane" && rest.kind === "plane" ? camera.scale / rest.scale : 1;
    const size = pointSize(look.lit.length, zoomed, view.width * view.height);
    const reach = Math.hypot(...home.bounds.max.map((high, d) => high - (home.bounds.min[d] ?? 0))) / 2;
    const far = camera.kind === "orbit" ? camera.distance : 1;
    const depth = [Math.max(far - reach * 0.8, far * 0.05), far + reach * 0.8] as const;
    return { glide, look, camera, matrix: matrixOf(camera, view), view, now, ratio, size, depth };
  }

  dispose(): void {
    this.pulse.stop();
    this.watchers.clear();
    this.screens.dispose();
  }
}
