import type { Frame } from "../film";

/** Where the name of a class is written: the place with most of its points around. */
export interface Anchor {
  readonly value: number;
  readonly count: number;
  /** Coordinates of the place. */
  readonly at: readonly [number, number, number];
}

const CELLS = 14;

/**
 * The most crowded place of every class: the mean of its points in and around the fullest cell of a
 * coarse grid over the class. One pass over the points for each of three steps.
 *
 * @param values Class of each point; below 0 for none.
 */
export function anchorsOf({ coords, dims }: Frame, values: Int32Array): readonly Anchor[] {
  const members = new Map<number, number[]>();
  values.forEach((value, at) => {
    if (value < 0 || Number.isNaN(coords[at * 3])) return;
    const list = members.get(value);
    if (list) list.push(at);
    else members.set(value, [at]);
  });
  return [...members]
    .sort(([a], [b]) => a - b)
    .map(([value, list]) => ({ value, count: list.length, at: crowded(coords, list, dims) }));
}

function crowded(coords: Float32Array, members: readonly number[], dims: 2 | 3): [number, number, number] {
  const cell = cellsOf(coords, members, dims);
  const filled = new Map<number, number>();
  for (const at of members) filled.set(cell.of(at), (filled.get(cell.of(at)) ?? 0) + 1);
  let [best, most] = [0, -1];
  for (const key of filled.keys()) {
    let around = filled.get(key) ?? 0;
    for (const near of cell.around(key)) around += filled.get(near) ?? 0;
    if (around > most) [best, most] = [key, around];
  }
  const close = new Set([best, ...cell.around(best)]);
  const sum: [number, number, number] = [0, 0, 0];
  let count = 0;
  for (const at of members) {
    if (!close.has(cell.of(at))) continue;
    for (const d of [0, 1, 2] as const) sum[d] += coords[at * 3 + d] as number;
    count += 1;
  }
  return [sum[0] / count, sum[1] / count, sum[2] / count];
}

function cellsOf(coords: Float32Array, members: readonly number[], dims: 2 | 3) {
  const axes = dims === 2 ? [0, 1] : [0, 1, 2];
  const ranges = axes.map((d) => {
    let [low, high] = [Infinity, -Infinity];
    for (const at of members) {
      const value = coords[at * 3 + d] as number;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return { low, size: (high - low) / CELLS || 1 };
  });
  const strides = axes.map((_, d) => (CELLS + 3) ** d);
  const steps = axes.reduce<readonly number[]>((all, _, d) => all.flatMap((sum) => [-1, 0, 1].map((by) => sum + by * (strides[d] as number))), [0]);
  const offsets = steps.filter((step) => step !== 0);
  return {
    of: (at: number) =>
      axes.reduce((key, d) => {
        const { low, size } = ranges[d] as { low: number; size: number };
        return key + (1 + Math.floor(((coords[at * 3 + d] as number) - low) / size)) * (strides[d] as number);
      }, 0),
    around: (key: number) => offsets.map((offset) => key + offset),
  };
}

/**
 * Moves labels apart until none is closer than `room` pixels to another; a few rounds suffice.
 *
 * @param held How many of the places, from the first on, stay where they are.
 */
export function apart(places: readonly (readonly [number, number])[], room: number, held = 0): readonly (readonly [number, number])[] {
  const out = places.map(([x, y]) => [x, y] as [number, number]);
  for (let round = 0; round < 12; round += 1) {
    let moved = false;
    out.forEach((a, i) =>
      out.slice(i + 1).forEach((b, j) => {
        const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
        const distance = Math.hypot(dx, dy);
        if (distance >= room) return;
        // Two in the very same place part along an angle of their own.
        const angle = distance > 0.01 ? Math.atan2(dy, dx) : (i * 7 + j) * 2.399;
        if (i + j + 1 < held) return;
        const push = (room - distance) / (i < held ? 1 : 2);
        if (i >= held) {
          a[0] -= Math.cos(angle) * push;
          a[1] -= Math.sin(angle) * push;
        }
        b[0] += Math.cos(angle) * push;
        b[1] += Math.sin(angle) * push;
        moved = true;
      }),
    );
    if (!moved) break;
  }
  return out;
}
