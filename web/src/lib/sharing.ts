import { fields, list, maybeNumber, number, numbers, text } from "./check";
import { parseReceipt, type Receipt } from "./receipt";

/** One pair, as an example. */
export interface ExamplePair {
  /** dataset_idx of the point and of its partner. */
  readonly first: number;
  readonly second: number;
  /** Names of the factors that differ. */
  readonly changed: readonly string[];
  /** Whether it shares each dimension. */
  readonly shared: readonly boolean[];
}

/**
 * Which latent dimensions pairs share at one epoch, told by those that they keep apart: most pairs
 * share most dimensions, and what they do not share is what speaks of a factor.
 */
export interface Sharing {
  readonly receipt: Receipt;
  readonly points: number;
  readonly factors: readonly string[];
  /** Share of the pairs that keep each dimension apart. */
  readonly apart: readonly number[];
  /** The same among the pairs in which a factor changed: a row for each factor. */
  readonly byFactor: readonly (readonly (number | null)[])[];
  /** How many pairs each of those rows is of. */
  readonly pairs: readonly number[];
  /** A few of the pairs; none in a run of an older version. */
  readonly examples: readonly ExamplePair[];
}

export function parseSharing(value: unknown): Sharing {
  const file = fields(value);
  const factors = list(file.factors, "factors").map((name) => text(name, "a factor"));
  const dimension = numbers(file.dimension, "dimension");
  const byFactor = list(file.by_factor, "by_factor").map((row) => list(row, "by_factor").map(maybeNumber).map(rest));
  if (byFactor.length !== factors.length || byFactor.some((row) => row.length !== dimension.length)) throw new Error("by_factor is not a row of all dimensions for each factor");
  return {
    receipt: parseReceipt(file),
    points: number(file.points, "points"),
    factors,
    apart: dimension.map((share) => 1 - share),
    byFactor,
    pairs: numbers(file.pairs, "pairs"),
    examples: list(file.examples ?? [], "examples").map((item) => example(item, factors, dimension.length)),
  };
}

function rest(share: number | null): number | null {
  return share === null ? null : 1 - share;
}

function example(value: unknown, factors: readonly string[], dims: number): ExamplePair {
  const pair = fields(value, "an example");
  const shared = list(pair.shared, "shared").map((one) => one === true);
  if (shared.length !== dims) throw new Error("an example does not say of each dimension whether it is shared");
  const changed = numbers(pair.changed, "changed").map((factor) => factors[factor] ?? `factor ${factor}`);
  return { first: number(pair.first, "first"), second: number(pair.second, "second"), changed, shared };
}
