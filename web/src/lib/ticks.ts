const WHOLE_STEPS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000];

/** Whole numbers from 0 to `last`, at most about a dozen. */
export function ticks(last: number): readonly number[] {
  const step = WHOLE_STEPS.find((size) => last / size <= 12) ?? last;
  const marks: number[] = [];
  for (let at = 0; at <= last; at += step) marks.push(at);
  return marks;
}

/** A round range that holds the values, with two or three round marks in it. */
export interface Span {
  readonly low: number;
  readonly high: number;
  readonly marks: readonly number[];
}

/**
 * The range to draw values in. Where the first few tower over the rest (as a loss does), the top is
 * set by the rest, and the curve enters the picture from above.
 */
export function spanOf(values: readonly (number | null | undefined)[]): Span {
  const sorted = values.filter((value): value is number => typeof value === "number").sort((a, b) => a - b);
  if (sorted.length === 0) return { low: 0, high: 1, marks: [0, 1] };
  const low = sorted[0] as number;
  const most = sorted[Math.floor((sorted.length - 1) * 0.95)] as number;
  const top = sorted.at(-1) as number;
  return roundSpan(low, top > low + (most - low) * 1.8 && sorted.length > 12 ? most : top);
}

function roundSpan(low: number, high: number): Span {
  if (high - low < Math.abs(high) * 1e-6 || high === low) {
    const pad = Math.abs(high) * 0.5 || 1;
    return roundSpan(Math.min(low, high - pad), high + pad);
  }
  const step = roundStep((high - low) / 2);
  const from = Math.floor(low / step + 1e-9) * step;
  const to = Math.ceil(high / step - 1e-9) * step;
  const marks: number[] = [];
  for (let index = 0; from + index * step <= to + step * 1e-6; index += 1) marks.push(tidy(from + index * step, step));
  return { low: from, high: to, marks: marks.length > 4 ? marks.filter((_, at) => at % 2 === 0) : marks };
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return (share > 5 ? 10 : share > 2 ? 5 : share > 1 ? 2 : 1) * power;
}

function tidy(value: number, step: number): number {
  const digits = Math.max(0, Math.min(12, 1 - Math.floor(Math.log10(step))));
  return Number(value.toFixed(digits));
}
