import type { Cells, Grid } from "./grid";

/** Lines of equal value: short pieces, four numbers each (x, y to x, y), in the units of the map. */
export type Contour = Float32Array;

/** The levels that bound the densest places which hold these shares of all that is on the grid. */
export function levelsOf({ values }: Pick<Grid, "values">, shares: readonly number[]): readonly number[] {
  const sorted = values.filter((value) => value > 0).sort().reverse();
  const total = sorted.reduce((sum, value) => sum + value, 0);
  const wanted = [...shares].sort((a, b) => a - b);
  const levels: number[] = [];
  let [sum, next] = [0, 0];
  for (const value of sorted) {
    sum += value;
    while (next < wanted.length && sum >= (wanted[next] as number) * total) {
      levels.push(value);
      next += 1;
    }
  }
  return levels;
}

/** Sides of a square of four centers that a line crosses: 0 below, 1 right, 2 above, 3 left. */
const CROSSED: readonly (readonly (readonly [number, number])[])[] = [
  [], [[3, 0]], [[0, 1]], [[3, 1]], [[1, 2]], [[3, 0], [1, 2]], [[0, 2]], [[3, 2]],
  [[2, 3]], [[2, 0]], [[0, 1], [2, 3]], [[2, 1]], [[1, 3]], [[1, 0]], [[0, 3]], [],
];

/** Where cells with these values have a value, between their centers; by marching squares. */
export function contourOf({ width, height, bounds }: Cells, values: Float32Array, level: number): Contour {
  const [x0, y0] = [bounds.min[0] ?? 0, bounds.min[1] ?? 0];
  const [dx, dy] = [((bounds.max[0] ?? 0) - x0) / width, ((bounds.max[1] ?? 0) - y0) / height];
  const out: number[] = [];
  for (let row = 0; row < height - 1; row += 1) {
    for (let column = 0; column < width - 1; column += 1) {
      const at = row * width + column;
      const corners = [values[at], values[at + 1], values[at + 1 + width], values[at + width]] as [number, number, number, number];
      const [a, b, c, d] = corners;
      if (Number.isNaN(a + b + c + d)) continue;
      const sides = CROSSED[(a > level ? 1 : 0) + (b > level ? 2 : 0) + (c > level ? 4 : 0) + (d > level ? 8 : 0)] ?? [];
      for (const [from, to] of sides) {
        for (const side of [from, to]) {
          const [u, v] = crossing(side, corners, level);
          out.push(x0 + (column + 0.5 + u) * dx, y0 + (row + 0.5 + v) * dy);
        }
      }
    }
  }
  return Float32Array.from(out);
}

function crossing(side: number, [a, b, c, d]: readonly [number, number, number, number], level: number): readonly [number, number] {
  const part = (from: number, to: number) => (level - from) / (to - from);
  if (side === 0) return [part(a, b), 0];
  if (side === 1) return [1, part(b, c)];
  if (side === 2) return [part(d, c), 1];
  return [0, part(a, d)];
}
