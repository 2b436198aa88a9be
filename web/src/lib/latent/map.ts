import type { Bounds } from "../camera";
import { fields, number, numbers, text } from "../check";
import type { Frame } from "../film";
import { parseReceipt, type Receipt } from "../receipt";
import { floatRows, floats, integers, optional } from "./columns";

/** A projection of the latents of one epoch. */
export interface MapFrame extends Frame {
  /** pca, umap, or identity where the latents have as many dimensions as the map. */
  readonly method: string;
  readonly label: Int32Array | null;
  /** Share of the variance that each axis keeps; null for a method that has none. */
  readonly explained: Float32Array | null;
  /** How a UMAP map was made; null for a method that has no parameters. */
  readonly parameters: { readonly neighbors: number; readonly minDist: number; readonly seed: number } | null;
  readonly bounds: { readonly full: Bounds; readonly robust: Bounds };
  readonly receipt: Receipt;
}

export function parseMap(value: unknown): MapFrame {
  const file = fields(value);
  const ids = integers(file.dataset_idx, "dataset_idx");
  const dims = file.dims;
  if (dims !== 2 && dims !== 3) throw new Error("dims is neither 2 nor 3");
  const bounds = fields(file.bounds, "bounds");
  const receipt = parseReceipt(file);
  return {
    epoch: receipt.epoch ?? 0,
    dims,
    ids,
    coords: spatial(floatRows(file.coords, "coords", ids.length, dims).values, dims),
    method: text(file.method, "method"),
    label: optional(file.label, (label) => integers(label, "label", ids.length)),
    explained: optional(file.explained_variance_ratio, (ratio) => floats(ratio, "explained_variance_ratio")),
    parameters: optional(file.parameters, parameters),
    bounds: { full: box(bounds.full, dims), robust: box(bounds.robust, dims) },
    receipt,
  };
}

function parameters(value: unknown): MapFrame["parameters"] {
  const { n_neighbors, min_dist, seed } = fields(value, "parameters");
  return { neighbors: number(n_neighbors, "parameters.n_neighbors"), minDist: number(min_dist, "parameters.min_dist"), seed: number(seed, "parameters.seed") };
}

function spatial(coords: Float32Array, dims: 2 | 3): Float32Array {
  if (dims === 3) return coords;
  const out = new Float32Array((coords.length / 2) * 3);
  for (let from = 0, to = 0; from < coords.length; from += 2, to += 3) {
    out[to] = coords[from] as number;
    out[to + 1] = coords[from + 1] as number;
  }
  return out;
}

function box(value: unknown, dims: 2 | 3): Bounds {
  const { min, max } = fields(value, "bounds");
  const bounds = { min: numbers(min, "bounds"), max: numbers(max, "bounds") };
  if (bounds.min.length !== dims || bounds.max.length !== dims) throw new Error(`bounds do not have ${dims} dimensions`);
  return bounds;
}

/** How much of the bounds of a run one epoch takes, along the side that it takes most of. */
export function shareOf(frame: Pick<MapFrame, "bounds" | "dims">, home: Bounds): number {
  const own = commonBounds([frame]);
  if (!own) return 1;
  const shares = own.min.map((low, d) => {
    const span = (home.max[d] ?? 0) - (home.min[d] ?? 0);
    return span > 0 ? ((own.max[d] ?? 0) - low) / span : 1;
  });
  return Math.max(...shares);
}

/** The room beyond the robust bounds of all epochs, as a share of them. */
const ROOM = 0.16;

/**
 * The bounds that every epoch of a run is drawn in, so that the scale stands still while one scrubs:
 * what holds the robust bounds of all its maps with some room, and never more than holds all points.
 */
export function commonBounds(frames: readonly Pick<MapFrame, "bounds" | "dims">[]): Bounds | null {
  const first = frames[0];
  if (!first) return null;
  const axes = Array.from({ length: first.dims }, (_, d) => d);
  const over = (kind: "full" | "robust", side: "min" | "max", d: number) => {
    const values = frames.map((frame) => frame.bounds[kind][side][d] ?? 0);
    return side === "min" ? Math.min(...values) : Math.max(...values);
  };
  const sides = axes.map((d) => {
    const [low, high] = [over("robust", "min", d), over("robust", "max", d)];
    const room = (high - low) * ROOM;
    return [Math.max(over("full", "min", d), low - room), Math.min(over("full", "max", d), high + room)] as const;
  });
  return { min: sides.map(([low]) => low), max: sides.map(([, high]) => high) };
}
