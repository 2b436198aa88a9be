import { parseSafetensors } from "./safetensors";

/** The latent vectors of the fixed points at one moment. */
export interface Latents {
  /** dataset_idx, [N]. */
  readonly ids: Int32Array;
  /** [N, D], row by row. */
  readonly z: Float32Array;
  readonly dims: number;
  readonly labels: Int32Array | null;
}

export function parseLatents(file: ArrayBuffer): Latents {
  const tensors = parseSafetensors(file, ["dataset_idx", "z", "labels"]);
  const [ids, z, labels] = ["dataset_idx", "z", "labels"].map((name) => tensors.get(name));
  if (!ids || !z) throw new Error("it has no latents");
  const [rows = 0, dims = 0] = z.shape;
  if (z.shape.length !== 2 || ids.values.length !== rows) throw new Error("z is not a row for each point");
  if (labels && labels.values.length !== rows) throw new Error("labels are not one for each point");
  return {
    ids: Int32Array.from(ids.values),
    z: Float32Array.from(z.values),
    dims,
    labels: labels ? Int32Array.from(labels.values) : null,
  };
}

/** Dimensions across and up. */
export type Pair = readonly [across: number, up: number];

/** Points through a pair of their dimensions: across and up in turns, [2N]. */
export function throughPair({ z, dims }: Latents, [across, up]: Pair): Float32Array {
  const count = z.length / dims;
  const out = new Float32Array(count * 2);
  for (let at = 0; at < count; at += 1) {
    out[2 * at] = z[at * dims + across] ?? Number.NaN;
    out[2 * at + 1] = z[at * dims + up] ?? Number.NaN;
  }
  return out;
}

const ROOM = 1.08;
const FAR = 1.25;

/**
 * How far pictures reach from the origin so that all moments have one scale: past the unit circle and
 * past the points, except for a few that are far out.
 */
export function reachOf(moments: readonly Latents[], pairs: readonly Pair[]): number {
  const drawn = [...new Set(pairs.flat())];
  let [most, usual] = [0, 0];
  for (const { z, dims } of moments) {
    const sizes: number[] = [];
    for (let row = 0; row < z.length; row += dims) for (const d of drawn) sizes.push(Math.abs(z[row + d] ?? 0));
    sizes.sort((a, b) => a - b);
    most = Math.max(most, sizes.at(-1) ?? 0);
    usual = Math.max(usual, sizes[Math.ceil((sizes.length - 1) * 0.99)] ?? 0);
  }
  return ROOM * Math.max(1, Math.min(most, FAR * usual));
}
