/** Columns of equal length over a rising `x`; a value is null where a row lacks it. */
export interface MetricTable {
  readonly x: readonly number[];
  readonly step: readonly number[];
  readonly columns: Readonly<Record<string, readonly (number | null)[]>>;
}

export const EMPTY_TABLE: MetricTable = { x: [], step: [], columns: {} };

type Row = Readonly<Record<string, number | null>>;

/** A table that is being changed; the one it came from stays as it is. */
export class TableDraft {
  private readonly x: number[];
  private readonly step: number[];
  private readonly columns: Record<string, (number | null)[]> = {};

  constructor(table: MetricTable) {
    this.x = [...table.x];
    this.step = [...table.step];
    for (const [name, values] of Object.entries(table.columns)) this.columns[name] = [...values];
  }

  /** Sets values of the row at x; later values win, and a new row keeps x rising. */
  merge(x: number, step: number, row: Row): void {
    const at = lowerBound(this.x, x);
    if (this.x[at] !== x) this.insert(at, x, step);
    this.step[at] = step;
    for (const [name, value] of Object.entries(row)) this.column(name)[at] = value;
  }

  /** Drops every row whose step fails the test. */
  keep(test: (step: number) => boolean): void {
    const kept = this.step.flatMap((step, index) => (test(step) ? [index] : []));
    if (kept.length === this.step.length) return;
    const pick = <T>(values: T[]) => values.splice(0, values.length, ...kept.map((i) => values[i] as T));
    for (const values of Object.values(this.columns)) pick(values);
    pick(this.x);
    pick(this.step);
  }

  finish(): MetricTable {
    return { x: this.x, step: this.step, columns: this.columns };
  }

  private insert(at: number, x: number, step: number): void {
    this.x.splice(at, 0, x);
    this.step.splice(at, 0, step);
    for (const values of Object.values(this.columns)) values.splice(at, 0, null);
  }

  private column(name: string): (number | null)[] {
    return (this.columns[name] ??= new Array<number | null>(this.x.length).fill(null));
  }
}

/** Index of the first value that is not below `x`. */
export function lowerBound(values: readonly number[], x: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The value of a column at x, or the last one before it; null if there is none. */
export function valueAt(table: MetricTable, name: string, x: number): number | null {
  const values = table.columns[name];
  if (!values) return null;
  let at = lowerBound(table.x, x);
  if (table.x[at] !== x) at -= 1;
  for (; at >= 0; at -= 1) {
    const value = values[at];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}
