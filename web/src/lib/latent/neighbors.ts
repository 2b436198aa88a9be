import { fields, number } from "../check";
import { orderOf } from "../film";
import { parseReceipt, type Receipt } from "../receipt";
import { floatRows, floats, integerRows, integers, rowOf, type Rows } from "./columns";

/** What a map says of its neighbors: how far apart they are drawn, and the reach of each point. */
export interface DrawnNeighbors {
  readonly drawn: Rows<Float32Array>;
  readonly extent: Float32Array;
  /** Length over which an edge beyond the extent fades by the factor e. */
  readonly width: number;
}

/** Who is nearest to whom in the latent space; computed and stored by the run. */
export interface Neighbors {
  readonly k: number;
  readonly ids: Int32Array;
  /** dataset_idx of the neighbors of each point, nearest first. */
  readonly nearest: Rows<Int32Array>;
  /** Distances in the latent space. */
  readonly distances: Rows<Float32Array>;
  readonly kth: Float32Array;
  readonly maps: Readonly<Record<"2d" | "3d", DrawnNeighbors | null>>;
  readonly receipt: Receipt;
}

export function parseNeighbors(value: unknown): Neighbors {
  const file = fields(value);
  const ids = integers(file.dataset_idx, "dataset_idx");
  const nearest = integerRows(file.neighbors, "neighbors", ids.length);
  const maps = fields(file.maps ?? {}, "maps");
  return {
    k: number(file.k, "k"),
    ids,
    nearest,
    distances: floatRows(file.distances, "distances", ids.length, nearest.width),
    kth: floats(file.d_k, "d_k", ids.length),
    maps: { "2d": drawn(maps["2d"], ids.length, nearest.width), "3d": drawn(maps["3d"], ids.length, nearest.width) },
    receipt: parseReceipt(file),
  };
}

function drawn(value: unknown, length: number, width: number): DrawnNeighbors | null {
  if (value === undefined || value === null) return null;
  const map = fields(value, "maps");
  return {
    drawn: floatRows(map.drawn, "drawn", length, width),
    extent: floats(map.extent, "extent", length),
    width: number(fields(map.gate, "gate").width, "gate.width"),
  };
}

/** One edge from the point in focus. */
export interface Edge {
  /** dataset_idx of the neighbor. */
  readonly id: number;
  /** Distance in the latent space. */
  readonly distance: number;
  /** How plainly to draw it, 0 to 1. */
  readonly weight: number;
}

const FAINTEST = 0.32;

/**
 * The edges of one point to its k nearest in the latent space.
 *
 * @param gate The map whose extents gate the edges: whole inside the extent, fading exponentially
 *   beyond. Null draws all k, the far ones fainter.
 */
export function edgesOf(neighbors: Neighbors, id: number, k: number, gate: DrawnNeighbors | null): readonly Edge[] {
  const at = orderOf(neighbors.ids).get(id);
  if (at === undefined) return [];
  const [ids, distances] = [rowOf(neighbors.nearest, at), rowOf(neighbors.distances, at)];
  const shown = Math.min(k, ids.length);
  const [first, last] = [distances[0] ?? 0, distances[shown - 1] ?? 0];
  const apart = gate ? rowOf(gate.drawn, at) : null;
  return Array.from({ length: shown }, (_, rank) => {
    const distance = distances[rank] as number;
    const share = last > first ? (distance - first) / (last - first) : 0;
    const weight = gate && apart
      ? gateWeight(apart[rank] as number, gate.extent[at] as number, gate.width)
      : 1 - (1 - FAINTEST) * share;
    return { id: ids[rank] as number, distance, weight };
  });
}

/** 1 within the extent, then an exponential decay: nothing appears or vanishes at once. */
export function gateWeight(apart: number, extent: number, width: number): number {
  const beyond = Math.max(apart - extent, 0);
  if (width > 0) return Math.exp(-beyond / width);
  return beyond > 0 ? 0 : 1;
}
