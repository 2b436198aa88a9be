import type { Box, WallFrame, WallMap, WallPoints, WallTile } from "./wall";

/** What is drawn of a wall at one moment: every tile's points in one order. */
export interface Picture {
  readonly step: number;
  /** How many tiles, and how many points each has room for. */
  readonly tiles: number;
  readonly points: number;
  /** x and y of every point, tile after tile; NaN where there is none. */
  readonly places: Float32Array;
  /** Where each tile comes from; null where there is none. */
  readonly shown: readonly (WallTile | null)[];
}

/**
 * Lays tiles out for drawing. What a picture lacks is taken from the newest earlier one that has it:
 * runs record at steps of their own, and one that has stopped keeps its last map.
 *
 * @param earlier Pictures of before, the newest first.
 */
export function pictureOf(frame: WallFrame, earlier: Iterable<WallFrame>, points: WallPoints): Picture {
  const shown = [...frame.tiles];
  let open = shown.filter((tile) => tile === null).length;
  if (open > 0) {
    for (const { tiles } of earlier) {
      tiles.forEach((tile, at) => {
        if (shown[at] !== null || tile === null || frame.why[at] !== null) return;
        shown[at] = tile;
        open -= 1;
      });
      if (open === 0) break;
    }
  }
  const size = points.ids.length;
  const places = new Float32Array(shown.length * size * 2).fill(Number.NaN);
  shown.forEach((tile, at) => tile && lay(tile, points, places.subarray(at * size * 2, (at + 1) * size * 2)));
  return { step: frame.step, tiles: shown.length, points: size, places, shown };
}

/** Points of a set that is not known yet stay out. */
function lay({ set, places }: WallTile, points: WallPoints, out: Float32Array): void {
  const order = points.sets[set];
  if (!order || order.length * 2 !== places.length) return;
  if (order.length * 2 === out.length && points.sets.length === 1) out.set(places);
  else order.forEach((to, from) => out.set(places.subarray(from * 2, from * 2 + 2), to * 2));
}

/** The square part of the map that a tile shows. */
export interface Window {
  readonly x: number;
  readonly y: number;
  /** Half of its side. */
  readonly reach: number;
}

const ROOM = 1.06;

/** One window for all tiles and steps, so that sizes can be compared; around 0 where the unit circle is drawn. */
export function commonWindow({ x, y }: Box, map: WallMap): Window {
  if (map !== "pca") return { x: 0, y: 0, reach: Math.max(...x.map(Math.abs), ...y.map(Math.abs), 1) * ROOM };
  const reach = Math.max(x[1] - x[0], y[1] - y[0]) / 2;
  return { x: (x[0] + x[1]) / 2, y: (y[0] + y[1]) / 2, reach: (reach > 0 ? reach : 1) * ROOM };
}

/** How many of the tiles a common window holds whole; a few that are far larger must not make the rest too small to see. */
const WHOLE = 0.75;
const FEW = 4;

/**
 * One window for all tiles, by the newest picture: most of them fit into it, and the others are cut.
 *
 * @param bounds What holds all of them, at every step.
 */
export function steadyWindow(picture: Picture, bounds: Box, map: WallMap): Window {
  const most = commonWindow(bounds, map);
  const reaches = picture.shown.flatMap((tile, at) => (tile ? [reachOf(tilePlaces(picture, at), most)] : [])).sort((a, b) => a - b);
  const enough = reaches[Math.floor((reaches.length - 1) * WHOLE)];
  if (enough === undefined || reaches.length < FEW) return most;
  const reach = Math.max(enough, map === "pca" ? 0 : 1) * ROOM;
  return reach > 0 && reach < most.reach ? { ...most, reach } : most;
}

/** The points of one tile. */
export function tilePlaces({ places, points }: Picture, at: number): Float32Array {
  return places.subarray(at * points * 2, (at + 1) * points * 2);
}

/** How far from the middle of a window points are, along the farther axis. */
export function reachOf(places: Float32Array, { x, y }: Window): number {
  let reach = 0;
  for (let i = 0; i < places.length; i += 2) {
    const away = Math.max(Math.abs((places[i] as number) - x), Math.abs((places[i + 1] as number) - y));
    if (away > reach) reach = away; // NaN is nowhere
  }
  return reach;
}

/** A window for one tile alone: what holds its points; around 0 where the unit circle is drawn. */
export function ownWindow(places: Float32Array, map: WallMap): Window | null {
  const spans = [0, 1].map((axis) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = axis; i < places.length; i += 2) {
      const value = places[i] as number;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return [low, high] as const;
  });
  const [x, y] = spans as [readonly [number, number], readonly [number, number]];
  return x[0] > x[1] ? null : commonWindow({ x, y }, map);
}
