import type { Viewport } from "@/lib/camera";
import { ease, mix } from "@/lib/film";
import { nearest } from "@/lib/hit";
import type { Picture, Window } from "@/lib/sweep/picture";
import { circle, dot } from "../map/layers/edges";
import type { Look } from "../map/scene";
import { Pulse } from "../map/pulse";
import { Screens } from "../map/screens";
import { drawCircles } from "./circle";
import { GlWall } from "./gl";
import { PlainWall } from "./plain";
import { FAR, scaleOf, wallPointSize, type TileSquare, type WallGlide, type WallRenderer, type WallScene } from "./scene";

const RENDERERS = { card: (canvas: HTMLCanvasElement): WallRenderer => new GlWall(canvas), plain: (canvas: HTMLCanvasElement): WallRenderer => new PlainWall(canvas) };
/** How near to a point the pointer means it; tiles are small. */
const PICK = 9;

/** How the wall is to be drawn, besides its points. */
export interface WallStyle {
  /** Side of a tile. */
  readonly side: number;
  /** Whether the unit circle is drawn. */
  readonly circle: boolean;
  /** Of the circle, of the ring around a point, and of what separates it from the rest. */
  readonly colors: { readonly circle: string; readonly ring: string; readonly ground: string };
  /** Gray of the edge of points that the ground would swallow, 0 to 255. */
  readonly rim: number;
}

interface Moving {
  readonly glide: WallGlide;
  readonly picture: Picture;
  /** The part of the map that each tile shows, before and after. */
  readonly windows: { readonly from: readonly Window[]; readonly to: readonly Window[] };
  readonly start: number;
  readonly duration: number;
}

/** The moving picture of the wall: it holds picture, look and tiles, and draws when one of them changes. */
export class WallStage {
  private readonly screens: Screens<WallRenderer>;
  private view: Viewport = { width: 0, height: 0 };
  private tiles: readonly TileSquare[] = [];
  private style: WallStyle | null = null;
  private look: Look | null = null;
  private moving: Moving | null = null;
  private lit: number | null = null;
  private readonly pulse: Pulse;
  private dirty = true;
  private marked = false;

  constructor(private readonly host: HTMLElement, onReason: (reason: string | null) => void) {
    this.pulse = new Pulse(host, (now) => this.paint(now));
    this.screens = new Screens(host, RENDERERS, onReason, () => this.redraw());
  }

  /** Shows a picture; points glide there from where they are. */
  show(picture: Picture, windows: readonly Window[], duration: number): void {
    const now = performance.now();
    const old = this.moving;
    if (old?.picture === picture && sameWindows(old.windows.to, windows)) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const glides = old?.picture.places.length === picture.places.length && !calm && duration > 0;
    const from = glides ? windows.map((window, at) => this.windowOf(old, at, now) ?? window) : windows;
    this.moving = { glide: glideTo(picture.places, glides ? this.here(now) : null), picture, windows: { from, to: windows }, start: now, duration: glides ? duration : 0 };
    if (!old || !sameWindows(from, windows)) this.dirty = true;
    this.host.dataset.step = String(picture.step);
    this.pulse.begin();
  }

  setLook(look: Look): void {
    this.look = look;
    this.pulse.draw();
  }

  /** Which tiles are in sight, and where on the canvas. */
  setTiles(tiles: readonly TileSquare[], style: WallStyle): void {
    [this.tiles, this.style] = [tiles, style];
    this.redraw();
  }

  /** Lights one point in every tile, by its place in the list of points. */
  light(at: number | null): void {
    if (at === this.lit) return;
    this.lit = at;
    this.host.dataset.lit = at === null ? "" : String(at);
    this.pulse.draw();
  }

  resize(view: Viewport): void {
    if (view.width === this.view.width && view.height === this.view.height) return;
    this.view = view;
    this.screens.resize(view);
    this.redraw();
    if (view.width > 0) this.pulse.drawAtOnce();
  }

  /** Where each point of a tile is on the canvas now, 2 numbers a point; null for a tile out of sight. */
  placesOf(index: number): Float32Array | null {
    const scene = this.scene(performance.now());
    const tile = scene?.tiles.find((one) => one.index === index);
    if (!tile || !scene) return null;
    const { side, points, glide, t } = scene;
    const scale = scaleOf(tile, side);
    const out = new Float32Array(points * 2);
    for (let at = 0, i = index * points * 2; at < points; at += 1, i += 2) {
      const x = (glide.from[i] as number) * (1 - t) + (glide.to[i] as number) * t;
      const y = (glide.from[i + 1] as number) * (1 - t) + (glide.to[i + 1] as number) * t;
      const gone = x > FAR / 2;
      out[at * 2] = gone ? Number.NaN : tile.left + side / 2 + (x - tile.window.x) * scale;
      out[at * 2 + 1] = gone ? Number.NaN : tile.top + side / 2 - (y - tile.window.y) * scale;
    }
    return out;
  }

  /** The point of a tile near a pixel of the canvas, by its place in the list; -1 for none. */
  pick(index: number, x: number, y: number): number {
    const places = this.placesOf(index);
    return places && this.look ? nearest(places, this.look.lit, x, y, PICK) : -1;
  }

  private redraw(): void {
    this.dirty = true;
    this.pulse.draw();
  }

  /** Draws one picture; answers whether something is still on its way. */
  private paint(now: number): boolean | null {
    const scene = this.scene(now);
    if (!scene) return null;
    this.screens.points.draw(scene);
    this.under(scene);
    this.over(scene);
    return scene.t < 1;
  }

  private under({ side, tiles, t }: WallScene): void {
    if (!this.dirty || !this.style) return;
    this.dirty = t < 1 && this.moving !== null && !sameWindows(this.moving.windows.from, this.moving.windows.to);
    const pen = this.screens.cleared("under");
    if (this.style.circle) drawCircles(pen, tiles, side, this.style.colors.circle);
  }

  private over({ look, tiles, side }: WallScene): void {
    if (this.lit === null && !this.marked) return;
    const pen = this.screens.cleared("over");
    this.marked = this.lit !== null;
    if (this.lit === null || !this.style) return;
    const c = this.lit * 4;
    const fill = `rgb(${look.colors[c]} ${look.colors[c + 1]} ${look.colors[c + 2]})`;
    const { ring, ground } = this.style.colors;
    for (const { index, left, top } of tiles) {
      const places = this.placesOf(index);
      const pixel = [places?.[this.lit * 2] ?? Number.NaN, places?.[this.lit * 2 + 1] ?? Number.NaN] as const;
      if (!(pixel[0] >= left && pixel[1] >= top && pixel[0] <= left + side && pixel[1] <= top + side)) continue;
      dot(pen, pixel, 2.8, fill, ground, 1.2);
      circle(pen, pixel, 5.2, ring, 1.4);
    }
  }

  private scene(now: number): WallScene | null {
    const { moving, look, style, view } = this;
    if (!moving || !look || !style || view.width === 0 || look.lit.length !== moving.picture.points) return null;
    const { glide, picture } = moving;
    const tiles = this.tiles.flatMap((tile) => {
      const window = picture.shown[tile.index] ? this.windowOf(moving, tile.index, now) : null;
      return window ? [{ ...tile, window }] : [];
    });
    const size = wallPointSize(picture.points, style.side);
    return { tiles, side: style.side, points: picture.points, glide, t: this.along(moving, now), look, view, ratio: this.screens.ratio, size, rim: style.rim };
  }

  private windowOf(moving: Moving, index: number, now: number): Window | null {
    const [from, to, t] = [moving.windows.from[index], moving.windows.to[index], this.along(moving, now)];
    if (!from || !to || from === to || t >= 1) return to ?? null;
    const mixed = (a: number, b: number) => a + (b - a) * t;
    return { x: mixed(from.x, to.x), y: mixed(from.y, to.y), reach: mixed(from.reach, to.reach) };
  }

  private along({ start, duration }: Moving, now: number): number {
    return duration <= 0 ? 1 : ease("settle", (now - start) / duration);
  }

  private here(now: number): Float32Array | null {
    if (!this.moving) return null;
    const { glide } = this.moving;
    const t = this.along(this.moving, now);
    if (t >= 1) return glide.to;
    const out = new Float32Array(glide.to.length);
    mix(glide.from, glide.to, t, out);
    return out;
  }

  dispose(): void {
    this.pulse.stop();
    this.screens.dispose();
  }
}

/** A point that comes or goes does so in place: nothing flies in from afar. */
export function glideTo(places: Float32Array, here: Float32Array | null): WallGlide {
  const to = new Float32Array(places.length);
  const from = new Float32Array(places.length);
  for (let i = 0; i < to.length; i += 1) {
    const [target, start] = [places[i] as number, here?.[i] ?? FAR];
    to[i] = Number.isNaN(target) ? FAR : target;
    from[i] = to[i] === FAR || Math.abs(start) > FAR / 2 ? (to[i] as number) : start;
  }
  return { from, to };
}

function sameWindows(a: readonly Window[], b: readonly Window[]): boolean {
  return a === b || (a.length === b.length && a.every((window, at) => window.x === b[at]?.x && window.y === b[at]?.y && window.reach === b[at]?.reach));
}
