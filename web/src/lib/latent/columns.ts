import { list } from "../check";

/** Checks and packs columns of artifacts into typed arrays, which workers hand over without a copy. */

export function floats(value: unknown, what: string, length?: number): Float32Array {
  const items = list(value, what);
  if (length !== undefined && items.length !== length) throw new Error(`${what} has ${items.length} rows, not ${length}`);
  const out = new Float32Array(items.length);
  for (let at = 0; at < out.length; at += 1) out[at] = float(items[at], what);
  return out;
}

/** A number; null stands for one that could not be computed. */
function float(item: unknown, what: string): number {
  if (typeof item === "number") return item;
  if (item === null) return Number.NaN;
  throw new Error(`${what} holds something else than numbers`);
}

export function integers(value: unknown, what: string, length?: number): Int32Array {
  const items = list(value, what);
  if (length !== undefined && items.length !== length) throw new Error(`${what} has ${items.length} rows, not ${length}`);
  const out = new Int32Array(items.length);
  for (let at = 0; at < out.length; at += 1) {
    const item = items[at];
    if (!Number.isInteger(item)) throw new Error(`${what} holds something else than whole numbers`);
    out[at] = item as number;
  }
  return out;
}

/** Rows of equal length, one after another. */
export interface Rows<T> {
  readonly values: T;
  readonly width: number;
}

export function floatRows(value: unknown, what: string, length: number, width?: number): Rows<Float32Array> {
  const rows = list(value, what);
  if (rows.length !== length) throw new Error(`${what} has ${rows.length} rows, not ${length}`);
  const wide = width ?? list(rows[0] ?? [], what).length;
  const values = new Float32Array(length * wide);
  rows.forEach((row, at) => values.set(floats(row, what, wide), at * wide));
  return { values, width: wide };
}

export function integerRows(value: unknown, what: string, length: number): Rows<Int32Array> {
  const rows = list(value, what);
  if (rows.length !== length) throw new Error(`${what} has ${rows.length} rows, not ${length}`);
  const width = list(rows[0] ?? [], what).length;
  const values = new Int32Array(length * width);
  rows.forEach((row, at) => values.set(integers(row, what, width), at * width));
  return { values, width };
}

/** Row `at`, without a copy. */
export function rowOf<T extends Float32Array | Int32Array>({ values, width }: Rows<T>, at: number): T {
  return values.subarray(at * width, (at + 1) * width) as T;
}

/** Null where the file leaves the column out, or says that the model has none. */
export function optional<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null || value === undefined ? null : read(value);
}
