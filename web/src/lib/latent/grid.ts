import type { Bounds } from "../camera";
import { fields, list, maybeNumber, number, numbers, text, type Fields } from "../check";
import { parseReceipt, type Receipt } from "../receipt";
import { floats } from "./columns";
import { levelsOf } from "./contours";

/** Cells of equal size over a part of a 2-D map. */
export interface Cells {
  readonly width: number;
  readonly height: number;
  /** Outer edges of the cells, in the units of the map. */
  readonly bounds: Bounds;
}

/** Values of the cells of a map: a density, a ratio, a trust. */
export interface Grid extends Cells {
  readonly method: string;
  /** Row by row, the first row at the smallest y; NaN where a cell has no value. */
  readonly values: Float32Array;
  readonly stats: { readonly min: number; readonly max: number; readonly median: number | null };
  /** How many points it was made from. */
  readonly points: number | null;
  readonly receipt: Receipt;
}

export function parseGrid(value: unknown): Grid {
  const file = fields(value);
  const grid = fields(file.grid, "grid");
  const [width, height] = [number(grid.width, "grid.width"), number(grid.height, "grid.height")];
  const stats = fields(file.stats, "stats");
  return {
    width,
    height,
    bounds: edges(file.bounds),
    method: text(file.method, "method"),
    values: floats(file.values, "values", width * height),
    stats: { min: maybeNumber(stats.min) ?? 0, max: maybeNumber(stats.max) ?? 0, median: maybeNumber(stats.median) },
    points: maybeNumber(fields(file.meta ?? {}, "meta").subset_n),
    receipt: parseReceipt(file),
  };
}

/** Outer edges of a plane, in the units of its map. */
export function edges(value: unknown): Bounds {
  const file = fields(value, "bounds");
  const bounds = { min: numbers(file.min, "bounds.min"), max: numbers(file.max, "bounds.max") };
  if (bounds.min.length !== 2 || bounds.max.length !== 2) throw new Error("bounds do not have 2 dimensions");
  if (!bounds.min.every((low, d) => low < (bounds.max[d] as number))) throw new Error("bounds span no plane");
  return bounds;
}

/** How much probability there is where on the map. */
export interface Density extends Grid {
  /** Values that bound the densest places which hold 50, 80 and 95% of what is on the grid. */
  readonly levels: readonly number[];
  readonly estimator: string;
  /** Share of the density's mass that lies on the grid. */
  readonly inside: number | null;
  /** Effective number of components of a prior, of how many; null elsewhere. */
  readonly components: { readonly effective: number; readonly of: number } | null;
}

/** Shares of the mass. */
const HELD = [0.5, 0.8, 0.95];

export function parseDensity(value: unknown): Density {
  const file = fields(value);
  const meta = fields(file.meta ?? {}, "meta");
  const weights = meta.weights === null || meta.weights === undefined ? null : fields(meta.weights, "meta.weights");
  const grid = parseGrid(value);
  return {
    ...grid,
    levels: levelsOf(grid, HELD),
    estimator: text(file.estimator, "estimator"),
    inside: maybeNumber(meta.mass_inside),
    components: weights && { effective: number(weights.neff, "meta.weights.neff"), of: number(weights.components, "meta.weights.components") },
  };
}

/** A place where prior and data disagree. */
export interface Gap {
  readonly kind: "hole" | "spill";
  readonly x: number;
  readonly y: number;
  /** ln of prior over posterior at its worst. */
  readonly logRatio: number;
  /** Share of the mass of the one that there is too much of. */
  readonly mass: number;
}

/** Prior against posterior: where the prior expects what the data lack, and the other way around. */
export interface Gaps extends Grid {
  readonly gaps: readonly Gap[];
}

export function parseGaps(value: unknown): Gaps {
  const file = fields(value);
  const read = (name: "holes" | "spills", kind: Gap["kind"]) => list(file[name], name).map((item) => gap(fields(item, name), kind, name));
  return { ...parseGrid(value), gaps: [...read("holes", "hole"), ...read("spills", "spill")] };
}

function gap({ x, y, log_ratio, mass }: Fields, kind: Gap["kind"], what: string): Gap {
  return { kind, x: number(x, `${what}.x`), y: number(y, `${what}.y`), logRatio: number(log_ratio, `${what}.log_ratio`), mass: number(mass, `${what}.mass`) };
}

export const REASONS = ["density", "cycle", "distortion"] as const;
export type Reason = (typeof REASONS)[number];

/** How far a place of the map can be trusted, and what it depends on: each 0 to 1, NaN where not known. */
export interface Trust extends Grid {
  readonly parts: Readonly<Record<Reason, Float32Array>>;
}

export function parseTrust(value: unknown): Trust {
  const grid = parseGrid(value);
  const parts = fields(fields(value).parts, "parts");
  const part = (name: Reason) => floats(parts[name], `parts.${name}`, grid.values.length);
  return { ...grid, parts: { density: part("density"), cycle: part("cycle"), distortion: part("distortion") } };
}

/** The place of a cell in the list of values; -1 outside the grid. */
export function cellAt({ width, height, bounds }: Cells, x: number, y: number): number {
  const [column, row] = [share(bounds, 0, x) * width, share(bounds, 1, y) * height];
  if (!(column >= 0 && row >= 0 && column <= width && row <= height)) return -1;
  return Math.min(height - 1, Math.floor(row)) * width + Math.min(width - 1, Math.floor(column));
}

/** The value of the cell that a place lies in; null outside, and where it has none. */
export function valueAt(grid: Grid, x: number, y: number, values: Float32Array = grid.values): number | null {
  const value = values[cellAt(grid, x, y)];
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** How far a coordinate is from the low to the high edge: 0 to 1 inside. */
export function share({ min, max }: Bounds, axis: 0 | 1, value: number): number {
  const [low, high] = [min[axis] ?? 0, max[axis] ?? 1];
  return (value - low) / (high - low);
}
