/** Checks of files that may come from anywhere. Each says what is wrong with which field. */

export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown, what = "the file"): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${what} is not an object`);
  return value as Fields;
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${what} is not a list`);
  return value as readonly unknown[];
}

export function number(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Error(`${what} is not a number`);
  return value;
}

export function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw new Error(`${what} is not text`);
  return value;
}

/** A number, or null for one that could not be computed. */
export function maybeNumber(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function numbers(value: unknown, what: string): readonly number[] {
  const items = list(value, what);
  if (!items.every((item) => typeof item === "number")) throw new Error(`${what} holds something else than numbers`);
  return items as readonly number[];
}
