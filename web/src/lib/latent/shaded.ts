import type { Cells, Grid } from "./grid";
import type { Scale } from "./scales";

/** A grid in colors: where each cell is on a scale, and the scale. It holds nothing but numbers, so that a worker can draw it. */
export interface Shaded extends Cells {
  /** 0 to 1, row by row, the first row at the smallest y; NaN where a cell has no value. */
  readonly shares: Float32Array;
  /** Red, green, blue and opacity of the steps of the scale. */
  readonly shades: Uint8ClampedArray;
  /** Shares at which a line is drawn. */
  readonly levels: readonly number[];
}

/** @param levels Values at which a line is drawn. */
export function shadedOf({ width, height, bounds, values }: Grid, scale: Scale, levels: readonly number[] = []): Shaded {
  return { width, height, bounds, shares: values.map(scale.shareOf), shades: scale.shades, levels: levels.map(scale.shareOf) };
}
