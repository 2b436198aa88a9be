import { fields, list, maybeNumber, number, text, type Fields } from "../check";
import { parseLayout, type Layout } from "./layout";
import { parseCalendar, type Calendar } from "./wall";

export type Direction = "min" | "max";

/** What every list and every page of a sweep says of it. */
export interface SweepHead {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
  readonly message: string | null;
  readonly created: string | null;
  readonly started: string | null;
  readonly ended: string | null;
  readonly executor: string;
  /** State → how many variants are in it. */
  readonly counts: Readonly<Record<string, number>>;
  /** Its turn among sweeps that wait for another one to end; 0 while its process starts; null else. */
  readonly queued: number | null;
  /** It was asked to stop, and has not stopped yet. */
  readonly cancelling: boolean;
}

/** A line of the list of sweeps. */
export interface SweepLine extends SweepHead {
  readonly size: number;
}

/** One variant of a sweep, with what its run has come to. */
export interface Variant {
  readonly index: number;
  readonly name: string;
  readonly runId: string;
  /** What it changes, by dotted key. */
  readonly values: Fields;
  /** Where it stands on each axis. */
  readonly places: Readonly<Record<string, string>>;
  readonly state: string;
  readonly reason: string | null;
  readonly message: string | null;
  /** What went wrong outside its run. */
  readonly error: string | null;
  readonly step: number;
  readonly epoch: number;
  readonly totalSteps: number | null;
  /** The last value of every metric, as the table has it. */
  readonly metrics: Readonly<Record<string, number | null>>;
}

/** A sweep as its page shows it, joined with the state of its runs. */
export interface Sweep extends SweepHead {
  readonly resumable: boolean;
  /** Which end of a metric is better. */
  readonly directions: Readonly<Record<string, Direction>>;
  /** Metrics that any variant has, those with a direction first. */
  readonly columns: readonly string[];
  /** Metrics with a direction that no variant has. */
  readonly missing: readonly string[];
  /** Names of the parts that are switched on and off, where the sweep is of subsets. */
  readonly parts: readonly string[];
  readonly layout: Layout;
  /** The variant that maps are aligned to. */
  readonly reference: number | null;
  readonly variants: readonly Variant[];
  /** The variants that no other beats in every metric with a direction. */
  readonly pareto: readonly number[];
  /** Null until there is a picture. */
  readonly wall: Calendar | null;
}

const OVER: ReadonlySet<string> = new Set(["completed", "cancelled", "failed", "unreadable"]);

/** Whether nothing more comes of a sweep, or of a run, by itself. */
export function isEnded(state: string): boolean {
  return OVER.has(state);
}

export function parseSweepLine(value: unknown): SweepLine {
  const row = fields(value, "a sweep");
  return { ...head(row), size: number(row.variants, "variants") };
}

export function parseSweeps(value: unknown): readonly SweepLine[] {
  return list(fields(value, "the list").sweeps, "sweeps").map(parseSweepLine);
}

export function parseSweep(value: unknown): Sweep {
  const file = fields(value, "the sweep");
  const table = fields(file.table, "table");
  const rows = list(table.rows, "table.rows").map((row) => numbersByName(fields(row, "a row of the table").last, "last"));
  const variants = list(file.variants, "variants");
  if (rows.length !== variants.length) throw new Error(`table has ${rows.length} rows, not ${variants.length}`);
  return {
    ...head(file),
    resumable: file.resumable === true,
    directions: Object.fromEntries(Object.entries(fields(table.directions, "table.directions")).map(([name, end]) => [name, direction(end)])),
    columns: names(table.columns, "table.columns"),
    missing: names(table.missing, "table.missing"),
    parts: partsOf(fields(file.definition, "definition")),
    layout: parseLayout(file.layout),
    reference: maybeNumber(file.reference),
    variants: variants.map((variant, at) => parseVariant(variant, at, rows[at] ?? {})),
    pareto: list(table.pareto, "table.pareto").map((index) => number(index, "table.pareto")),
    wall: file.wall === null || file.wall === undefined ? null : parseCalendar(file.wall),
  };
}

function head(file: Fields): SweepHead {
  return {
    id: text(file.sweep_id, "sweep_id"),
    name: text(file.name, "name"),
    state: text(file.state, "state"),
    reason: words(file.reason),
    message: words(file.message),
    created: words(file.created),
    started: words(file.started),
    ended: words(file.ended),
    executor: text(file.executor, "executor"),
    counts: counts(file.counts),
    queued: maybeNumber(file.queue_position),
    cancelling: file.cancelling === true,
  };
}

function parseVariant(value: unknown, at: number, metrics: Variant["metrics"]): Variant {
  const file = fields(value, "a variant");
  if (file.index !== at) throw new Error(`the variant at place ${at} says that it is ${String(file.index)}`);
  const places = Object.entries(fields(file.places, "places")).map(([axis, label]) => [axis, text(label, "places")] as const);
  return {
    index: at,
    name: text(file.name, "a variant's name"),
    runId: text(file.run_id, "run_id"),
    values: fields(file.values, "values"),
    places: Object.fromEntries(places),
    state: text(file.state, "a variant's state"),
    reason: words(file.reason),
    message: words(file.message),
    error: words(file.error),
    step: maybeNumber(file.step) ?? 0,
    epoch: maybeNumber(file.epoch) ?? 0,
    totalSteps: maybeNumber(file.total_steps),
    metrics,
  };
}

function direction(value: unknown): Direction {
  if (value !== "min" && value !== "max") throw new Error("a direction is neither min nor max");
  return value;
}

function words(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function names(value: unknown, what: string): readonly string[] {
  return list(value, what).map((name) => text(name, what));
}

function counts(value: unknown): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(fields(value, "counts")).map(([state, count]) => [state, number(count, "counts")]));
}

function numbersByName(value: unknown, what: string): Readonly<Record<string, number | null>> {
  return Object.fromEntries(Object.entries(fields(value, what)).map(([name, item]) => [name, maybeNumber(item)]));
}

/** The parts of the only axis of subsets; none where there are several, or other axes beside it. */
function partsOf(definition: Fields): readonly string[] {
  const axes = list(definition.axes ?? [], "definition.axes").map((axis) => fields(axis, "an axis"));
  const [axis] = axes;
  return axes.length === 1 && axis?.kind === "subsets" ? Object.keys(fields(axis.parts, "parts")) : [];
}
