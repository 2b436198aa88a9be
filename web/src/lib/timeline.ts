import { fields, list, maybeNumber, number, numbers, text } from "./check";

export interface Phase {
  readonly name: string;
  /** First and last step. */
  readonly start: number;
  readonly end: number;
}

/** A value pinned to a step. */
export interface Keyframe {
  readonly step: number;
  readonly value: number;
}

/** A property of the schedule. */
export interface Column {
  readonly name: string;
  /** What moves evenly between keyframes: the value, or its logarithm. */
  readonly space: "linear" | "log";
  /** How it moves: minjerk, linear, or step-end. */
  readonly timing: string;
  readonly keyframes: readonly Keyframe[];
  /** At the steps of the timeline. */
  readonly values: readonly (number | null)[];
}

/** A named one-off. */
export interface Action {
  readonly step: number;
  readonly name: string;
}

/** The realized schedule: what every column is at every (thinned out) step. */
export interface Timeline {
  readonly length: number;
  readonly steps: readonly number[];
  readonly columns: readonly Column[];
  readonly phases: readonly Phase[];
  readonly actions: readonly Action[];
}

export function parseTimeline(value: unknown): Timeline {
  const file = fields(value);
  const steps = numbers(file.steps, "steps");
  const columns = Object.entries(fields(file.columns, "columns")).map(([name, column]) => {
    const said = fields(column, name);
    const values = list(said.values, name).map(maybeNumber);
    if (values.length !== steps.length) throw new Error(`${name} is not as long as steps`);
    const space = said.space === "log" ? ("log" as const) : ("linear" as const);
    const timing = typeof said.timing === "string" ? said.timing : "linear";
    return { name, space, timing, keyframes: list(said.keyframes ?? [], `keyframes of ${name}`).map(keyframe), values };
  });
  const phases = list(file.phases ?? [], "phases").map((item) => {
    const phase = fields(item, "a phase");
    return { name: text(phase.name, "name"), start: number(phase.start, "start"), end: number(phase.end, "end") };
  });
  const actions = list(file.actions ?? [], "actions").map((item) => {
    const action = fields(item, "an action");
    return { step: number(action.step, "step"), name: text(action.name, "name") };
  });
  return { length: number(file.length, "length"), steps, columns, phases, actions };
}

function keyframe(value: unknown): Keyframe {
  const [step, at] = list(value, "a keyframe");
  return { step: number(step, "the step of a keyframe"), value: number(at, "the value of a keyframe") };
}

/** A row of the sheet: what is pinned, starts or happens at a step. */
export interface SheetRow {
  readonly step: number;
  readonly phase: string | null;
  readonly actions: readonly string[];
  /** Value of each column that has a keyframe here, by its name. */
  readonly values: Readonly<Record<string, number>>;
}

/** The sheet that a timeline was written in, as far as it can be read back: one row per step with anything on it. */
export function sheetOf({ columns, phases, actions }: Timeline): readonly SheetRow[] {
  const rows = new Map<number, { step: number; phase: string | null; actions: string[]; values: Record<string, number> }>();
  const at = (step: number) => {
    const row = rows.get(step) ?? { step, phase: null, actions: [], values: {} };
    rows.set(step, row);
    return row;
  };
  for (const { name, keyframes } of columns) for (const { step, value } of keyframes) at(step).values[name] = value;
  for (const { start, name } of phases) at(start).phase = name;
  for (const { step, name } of actions) at(step).actions.push(name);
  return [...rows.values()].sort((a, b) => a.step - b.step);
}

/** What a column is at a step: the value at the last step listed at or before it. */
export function columnAt(timeline: Timeline, name: string, step: number): number | null {
  const column = timeline.columns.find((candidate) => candidate.name === name);
  if (!column) return null;
  let low = 0;
  let high = timeline.steps.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((timeline.steps[middle] as number) <= step) low = middle;
    else high = middle - 1;
  }
  return column.values[low] ?? null;
}
