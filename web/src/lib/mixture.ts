import { fields, maybeNumber, number, numbers } from "./check";
import { parseReceipt, type Receipt } from "./receipt";

/** How a mixture uses its components. */
export interface MixtureHealth {
  readonly receipt: Receipt;
  /** Mean responsibility of each component. */
  readonly weights: readonly number[];
  /** How many components do the work: the exponential of the weights' entropy. */
  readonly effective: number | null;
  /** For how many points each component is the most likely one. */
  readonly counts: readonly number[];
  readonly dead: readonly number[];
  readonly meanEntropy: number | null;
}

export function parseMixture(value: unknown): MixtureHealth {
  const file = fields(value);
  const weights = numbers(file.p, "p");
  const counts = numbers(file.argmax_counts, "argmax_counts");
  if (weights.length !== number(file.components, "components")) throw new Error("p is not as long as there are components");
  return {
    receipt: parseReceipt(file),
    weights,
    effective: maybeNumber(file.neff),
    counts,
    dead: numbers(file.dead ?? [], "dead"),
    meanEntropy: maybeNumber(file.mean_entropy),
  };
}
