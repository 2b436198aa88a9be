import { fields, maybeNumber, number, numbers } from "./check";
import { parseReceipt, type Receipt } from "./receipt";

/** How a mixture uses its components. */
export interface MixtureHealth {
  readonly receipt: Receipt;
  /** Mean responsibility of each component. */
  readonly weights: readonly number[];
  /** How many components do the work: the exponential of the weights' entropy. */
  readonly effective: number | null;
  /** The same of `counts`. */
  readonly argmaxEffective: number | null;
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
    argmaxEffective: maybeNumber(file.argmax_neff),
    counts,
    dead: numbers(file.dead ?? [], "dead"),
    meanEntropy: maybeNumber(file.mean_entropy),
  };
}

/** Whether a component does nearly nothing: no point, or less than half of its share. */
export function isWeak({ weights, dead }: MixtureHealth, component: number): boolean {
  return (weights[component] ?? 0) < 0.5 / weights.length || dead.includes(component);
}

const MOST_NAMED = 12;

/** Which components hold no point, in words. */
export function deadWords({ dead, weights }: MixtureHealth): string {
  if (dead.length === 0) return "Every component holds points.";
  if (dead.length === 1) return `Component ${dead[0]} holds no point.`;
  if (dead.length > MOST_NAMED) return `${dead.length} of ${weights.length} components hold no point.`;
  return `Components ${dead.join(", ")} hold no point.`;
}
