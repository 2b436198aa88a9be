import type { Viewport } from "@/lib/camera";
import type { Window } from "@/lib/sweep/picture";
import type { Look } from "../map/scene";

/** A tile in sight: where its square is on the canvas. */
export interface TileSquare {
  readonly index: number;
  readonly left: number;
  readonly top: number;
}

/** The same, and which part of the map it shows. */
export interface TileView extends TileSquare {
  readonly window: Window;
}

/** The way of all points of all tiles from one picture to the next. */
export interface WallGlide {
  /** x and y of every point, tile after tile; FAR where there is none. */
  readonly from: Float32Array;
  readonly to: Float32Array;
}

/** Everything that one picture of the wall is made of. */
export interface WallScene {
  readonly tiles: readonly TileView[];
  /** Side of a tile in CSS pixels. */
  readonly side: number;
  /** Points per tile. */
  readonly points: number;
  readonly glide: WallGlide;
  /** How far along the glide is, 0 to 1. */
  readonly t: number;
  /** Colors of the points, which are the same in every tile. */
  readonly look: Look;
  readonly view: Viewport;
  readonly ratio: number;
  /** Diameter of a point in CSS pixels. */
  readonly size: number;
  /** Gray, 0 to 255, of the edge of points that are EDGED. */
  readonly rim: number;
}

/** The opacity, of 255, that gives a point an edge: its color alone would be lost on the ground. */
export const EDGED = 255;

/** Draws the points of all tiles on one canvas. */
export interface WallRenderer {
  readonly kind: "webgl2" | "canvas";
  readonly canvas: HTMLCanvasElement;
  draw(scene: WallScene): void;
  dispose(): void;
}

/** A place that no tile shows: where points that do not exist are. */
export const FAR = 1e9;

/** Pixels per unit of the map. */
export function scaleOf({ window }: TileView, side: number): number {
  return side / (2 * window.reach);
}

/** Size of a point: large enough to see its color, small enough to see a shape in a small tile. */
export function wallPointSize(points: number, side: number): number {
  return Math.max(1.6, Math.min(4.2, side / Math.sqrt(Math.max(points, 1)) / 2.05));
}
