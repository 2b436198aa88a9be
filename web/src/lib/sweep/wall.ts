import { fields, list, maybeNumber, number, numbers, text, type Fields } from "../check";
import { integers } from "../latent/columns";
import { parseHex } from "../rgb";

/** What a wall shows: two axes found in each run, or two dimensions of the latents. */
export type WallMap = "pca" | readonly [across: number, up: number];

export type Span = readonly [low: number, high: number];

export interface Box {
  readonly x: Span;
  readonly y: Span;
}

export interface CalendarStep {
  readonly step: number;
  readonly epoch: number;
  /** How many variants have got there. */
  readonly variants: number;
  /** Changes when the picture was written anew. */
  readonly version: number;
}

/** The pictures that a wall has so far, and what they have in common. */
export interface Calendar {
  readonly map: WallMap;
  /** What holds the tiles of the whole film; for two dimensions of the latents, the unit circle too. */
  readonly bounds: Box;
  /** How many sets of points there are. */
  readonly sets: number;
  /** Rising. */
  readonly steps: readonly CalendarStep[];
}

/** The examples that tiles show: all of a wall's sets of points as one list. */
export interface WallPoints {
  readonly ids: Int32Array;
  /** -1 for what has none; null where the data have no labels. */
  readonly labels: Int32Array | null;
  /** Red, green and blue of each example, 3 a point, where examples are colors. */
  readonly colors: Uint8Array | null;
  /** For each set, where its points are in the list. */
  readonly sets: readonly Int32Array[];
}

/** One tile of one picture. */
export interface WallTile {
  /** Step that it shows: that of the picture, or an earlier one in the newest picture. */
  readonly step: number;
  readonly epoch: number;
  /** Number of its set of points. */
  readonly set: number;
  /** x and y of each point of its set. */
  readonly places: Float32Array;
  /** What aligning it to the reference leaves over; null where nothing was aligned. */
  readonly residual: number | null;
  /** Mean distance from the unit circle; null where there is none. */
  readonly ring: number | null;
}

/** One picture of the wall. */
export interface WallFrame {
  readonly step: number;
  readonly epoch: number;
  readonly version: number;
  /** By variant; null where there is none. */
  readonly tiles: readonly (WallTile | null)[];
  /** Why a tile is missing, by variant; null where it is not, or is not there yet. */
  readonly why: readonly (string | null)[];
  readonly computeMs: number | null;
}

export function parseCalendar(value: unknown): Calendar {
  const file = fields(value, "wall");
  const steps = list(file.steps, "wall.steps").map((item) => {
    const { step, epoch, variants, version } = fields(item, "wall.steps");
    return { step: number(step, "step"), epoch: number(epoch, "epoch"), variants: number(variants, "variants"), version: number(version, "version") };
  });
  if (steps.some(({ step }, at) => at > 0 && step <= (steps[at - 1]?.step ?? 0))) throw new Error("wall.steps do not rise");
  return { map: parseMap(file.map), bounds: box(file.bounds), sets: number(file.points, "wall.points"), steps };
}

export function parseMap(value: unknown): WallMap {
  if (value === "pca") return value;
  const [across, up, ...more] = numbers(value, "map");
  if (across === undefined || up === undefined || more.length > 0) throw new Error("map is neither pca nor two dimensions");
  return [across, up];
}

function box(value: unknown): Box {
  const { x, y } = fields(value, "bounds");
  return { x: span(x), y: span(y) };
}

function span(value: unknown): Span {
  const [low, high, ...more] = numbers(value, "bounds");
  if (low === undefined || high === undefined || more.length > 0) throw new Error("bounds are not a pair of numbers");
  return [low, high];
}

/** Reads the points out of a wall's index: the sets laid together, each example once. */
export function parsePoints(value: unknown): WallPoints {
  const sets = list(fields(value).points, "points").map((set) => pointSet(fields(set, "points")));
  const order = new Map<number, number>();
  const places = sets.map(({ ids }) => ids.map((id) => {
    const known = order.get(id) ?? order.size;
    order.set(id, known);
    return known;
  }));
  const labels = sets.some((set) => set.labels) ? new Int32Array(order.size).fill(-1) : null;
  const colors = sets.length > 0 && sets.every((set) => set.colors) ? new Uint8Array(order.size * 3) : null;
  sets.forEach((set, at) => places[at]?.forEach((to, from) => {
    if (labels && set.labels) labels[to] = set.labels[from] as number;
    if (colors && set.colors) colors.set(set.colors.subarray(from * 3, from * 3 + 3), to * 3);
  }));
  return { ids: Int32Array.from(order.keys()), labels, colors, sets: places };
}

function pointSet(set: Fields) {
  const ids = integers(set.dataset_idx, "dataset_idx");
  const column = (value: unknown, what: string) => {
    const items = value === null || value === undefined ? null : list(value, what);
    if (items && items.length !== ids.length) throw new Error(`${what} has ${items.length} rows, not ${ids.length}`);
    return items;
  };
  const labels = column(set.label, "label");
  const colors = column(set.color, "color");
  return {
    ids,
    labels: labels && Int32Array.from(labels, (label) => (label === null ? -1 : number(label, "label"))),
    colors: colors && Uint8Array.from(colors.flatMap((color) => [...parseHex(text(color, "color"))])),
  };
}

export function parseFrame(value: unknown): WallFrame {
  const file = fields(value);
  const rows = list(file.variants, "variants").map((row) => fields(row, "a tile"));
  rows.forEach((row, at) => {
    if (row.index !== at) throw new Error(`the tile at place ${at} says that it is ${String(row.index)}`);
  });
  return {
    step: number(file.step, "step"),
    epoch: number(file.epoch, "epoch"),
    version: number(file.version, "version"),
    tiles: rows.map((row) => (row.missing === true ? null : tile(row))),
    why: rows.map((row) => (typeof row.why === "string" ? row.why : null)),
    computeMs: maybeNumber(file.compute_ms),
  };
}

function tile(row: Fields): WallTile {
  const [x, y] = [integers(row.x, "x"), integers(row.y, "y")];
  if (x.length !== y.length) throw new Error(`a tile has ${x.length} x and ${y.length} y`);
  const [left, low] = span(row.origin);
  const unit = number(row.unit, "unit");
  const places = new Float32Array(x.length * 2);
  for (let at = 0; at < x.length; at += 1) {
    places[at * 2] = left + unit * (x[at] as number);
    places[at * 2 + 1] = low + unit * (y[at] as number);
  }
  return { step: number(row.step, "step"), epoch: number(row.epoch, "epoch"), set: number(row.points, "points"), places, residual: maybeNumber(row.residual), ring: maybeNumber(row.ring) };
}
