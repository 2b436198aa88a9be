import { fields, list, maybeNumber, number, numbers, text } from "./check";

export interface Phase {
  readonly name: string;
  /** First and last step. */
  readonly start: number;
  readonly end: number;
}

/** The realized schedule: what every column is at every (thinned out) step. */
export interface Timeline {
  readonly length: number;
  readonly steps: readonly number[];
  readonly columns: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  readonly phases: readonly Phase[];
}

export function parseTimeline(value: unknown): Timeline {
  const file = fields(value);
  const steps = numbers(file.steps, "steps");
  const columns = Object.entries(fields(file.columns, "columns")).map(([name, column]) => {
    const values = list(fields(column, name).values, name).map(maybeNumber);
    if (values.length !== steps.length) throw new Error(`${name} is not as long as steps`);
    return { name, values };
  });
  const phases = list(file.phases ?? [], "phases").map((item) => {
    const phase = fields(item, "a phase");
    return { name: text(phase.name, "name"), start: number(phase.start, "start"), end: number(phase.end, "end") };
  });
  return { length: number(file.length, "length"), steps, columns, phases };
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
