import { csvOf, type Cell } from "../csv";
import type { Direction, Sweep, Variant } from "./sweep";

type Directions = Readonly<Record<string, Direction>>;

/** What a column of the metric table sorts by: a metric, or one of these. */
export const OWN_COLUMNS = { name: "variant", state: "state" } as const;

const STATES = ["running", "created", "failed", "cancelled", "unreadable", "completed"];

/** Sorts variants by a column; those without a value come last either way. */
export function sortVariants(variants: readonly Variant[], column: string, descending: boolean): readonly Variant[] {
  const sign = descending ? -1 : 1;
  const key = ({ index, state, metrics }: Variant) => (column === OWN_COLUMNS.name ? index : column === OWN_COLUMNS.state ? STATES.indexOf(state) : (metrics[column] ?? null));
  return [...variants].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === null || y === null) return x === y ? a.index - b.index : x === null ? 1 : -1;
    return x === y ? a.index - b.index : sign * (x - y);
  });
}

/** How a column's numbers are spread. */
export interface Heat {
  readonly direction: Direction | null;
  /** The best value, which is marked; null where neither end is better, or all are the same. */
  readonly best: number | null;
  /** How strongly to color a value: 1 at the better end (at the larger, where neither is), 0 at the other. */
  shareOf(value: number): number;
}

/** A few bad runs must not wash out the rest: beyond this share of the values the color stays. */
const CUT = 0.9;

export function heatOf(values: readonly (number | null | undefined)[], direction: Direction | null): Heat {
  const sorted = values.filter((value): value is number => typeof value === "number").sort((a, b) => a - b);
  if (direction === "min") sorted.reverse();
  // From the worse end to the better one.
  const [best, worst] = [sorted.at(-1), sorted[Math.ceil((sorted.length - 1) * (1 - CUT))]];
  const flat = best === undefined || worst === undefined || best === sorted[0];
  const span = flat ? 0 : best - worst;
  return {
    direction,
    best: flat || direction === null ? null : best,
    shareOf: (value) => (span === 0 ? (flat ? 0 : value === best ? 1 : 0) : Math.max(0, Math.min(1, (value - (worst as number)) / span))),
  };
}

const METRIC_WORDS: Readonly<Record<string, string>> = {
  "wall/ring": "distance to circle",
  "wall/residual": "distance to reference",
};

/** A metric's name for a column's head; one that has no words goes by its name. */
export function metricWords(name: string): string {
  return METRIC_WORDS[name] ?? name;
}

/** The number to show under tiles unless another is chosen: that of the tile itself, else what the sweep is judged by. */
export function usualMetric({ columns, directions }: Pick<Sweep, "columns" | "directions">): string | null {
  const judged = Object.keys(directions).filter((name) => columns.includes(name));
  return ["wall/ring", ...judged, "val/loss", "train/loss"].find((name) => columns.includes(name)) ?? columns[0] ?? null;
}

/** In words: "val/loss (lower is better)". */
export function directionWords(direction: Direction | null): string {
  return direction === "min" ? "lower is better" : direction === "max" ? "higher is better" : "no better end";
}

/** The metric table as a file: what each variant is, then every metric in full. */
export function tableCsv({ variants, columns, pareto, directions }: Pick<Sweep, "variants" | "columns" | "pareto" | "directions">): string {
  const keys = [...new Set(variants.flatMap(({ values }) => Object.keys(values)))];
  const judged = hasFront(directions);
  const head = ["index", "name", "run_id", "state", "epoch", "step", ...keys, ...columns, ...(judged ? ["pareto"] : [])];
  const rows = variants.map((variant): readonly Cell[] => [
    variant.index, variant.name, variant.runId, variant.state, variant.epoch, variant.step,
    ...keys.map((key) => valueCell(variant.values[key])),
    ...columns.map((name) => variant.metrics[name]),
    ...(judged ? [pareto.includes(variant.index) ? 1 : 0] : []),
  ]);
  return csvOf(head, rows);
}

/** With one metric alone, the front is the best variant: nothing to mark apart. */
export function hasFront(directions: Directions): boolean {
  return Object.keys(directions).length > 1;
}

function valueCell(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  return typeof value === "number" || typeof value === "string" ? value : JSON.stringify(value);
}
