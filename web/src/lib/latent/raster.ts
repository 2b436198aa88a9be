import { SHADES } from "./scales";
import type { Shaded } from "./shaded";

/** Pixels of a picture that fills the bounds of a grid; the first row is at the largest y, as on a screen. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity, a byte each. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/**
 * A grid as a picture, smooth between the centers of its cells. Shares are mixed, then colored: so
 * every color on the picture is one of the scale. A cell without a value thins what is around it.
 *
 * @param times Pixels of the picture for each cell, along each side.
 */
export function rasterOf(grid: Shaded, times = 3): Raster {
  const [width, height] = [grid.width * times, grid.height * times];
  const pixels = new Uint8ClampedArray(width * height * 4);
  const { shares: values, shades } = grid;
  const across = stepsOf(grid.width, times, false);
  const up = stepsOf(grid.height, times, true);
  for (let row = 0, i = 0; row < height; row += 1) {
    const v = up.part[row] as number;
    const [low, high] = [(up.from[row] as number) * grid.width, (up.to[row] as number) * grid.width];
    for (let column = 0; column < width; column += 1, i += 4) {
      const [left, right, u] = [across.from[column] as number, across.to[column] as number, across.part[column] as number];
      const below = (values[low + left] as number) * (1 - u) + (values[low + right] as number) * u;
      const above = (values[high + left] as number) * (1 - u) + (values[high + right] as number) * u;
      let value = below * (1 - v) + above * v;
      let weight = 1;
      if (value !== value) { // a cell without a value is near
        [value, weight] = mixed(values, [low + left, low + right, high + left, high + right], u, v);
        if (weight === 0) continue;
      }
      const shade = Math.round(value * (SHADES - 1)) * 4;
      pixels[i] = shades[shade] as number;
      pixels[i + 1] = shades[shade + 1] as number;
      pixels[i + 2] = shades[shade + 2] as number;
      pixels[i + 3] = (shades[shade + 3] as number) * weight;
    }
  }
  return { width, height, pixels };
}

/** The mean of those of four cells that have a value, by their shares, and the sum of these shares. */
function mixed(values: ArrayLike<number>, cells: readonly [number, number, number, number], u: number, v: number): [value: number, weight: number] {
  const parts = [(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v];
  let [sum, weight] = [0, 0];
  cells.forEach((cell, at) => {
    const [value, part] = [values[cell] as number, parts[at] as number];
    if (part === 0 || value !== value) return; // NaN
    sum += value * part;
    weight += part;
  });
  return [weight === 0 ? Number.NaN : sum / weight, weight];
}

/** Between which two cells each pixel lies, and how far along. */
function stepsOf(cells: number, times: number, turned: boolean): { from: Int32Array; to: Int32Array; part: Float32Array } {
  const count = cells * times;
  const steps = { from: new Int32Array(count), to: new Int32Array(count), part: new Float32Array(count) };
  for (let pixel = 0; pixel < count; pixel += 1) {
    const place = ((turned ? count - 1 - pixel : pixel) + 0.5) / times - 0.5;
    const from = Math.max(0, Math.min(cells - 1, Math.floor(place)));
    steps.from[pixel] = from;
    steps.to[pixel] = Math.min(cells - 1, from + 1);
    steps.part[pixel] = Math.max(0, Math.min(1, place - from));
  }
  return steps;
}
