import { compact } from "../format";

const MOST = 6;

/**
 * How to write the numbers of one column: all with as many decimals as it takes to tell them apart,
 * so that they stand in line. What is then too small or too large goes with an exponent.
 */
export function numberWriter(values: readonly (number | null | undefined)[]): (value: number) => string {
  const known = values.filter((value): value is number => typeof value === "number");
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const size = Math.max(Math.abs(low), Math.abs(high));
  const span = high > low ? high - low : size;
  if (known.length === 0 || size === 0) return (value) => compact(value, 3);
  // Three digits of the span: two values that differ by a thousandth of it look different.
  const decimals = Math.max(0, Math.min(MOST, 2 - Math.floor(Math.log10(span))));
  if (size >= 1e6 || size < 1e-4) return (value) => compact(value, 3);
  return (value) => value.toFixed(decimals).replace("-", "−");
}
