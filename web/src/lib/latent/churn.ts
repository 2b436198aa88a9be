import { fields, maybeNumber } from "../check";
import { floats, integers } from "./columns";

/** Share of each point's neighbors that are others than at the epoch before. */
export interface Churn {
  readonly ids: Int32Array;
  readonly churn: Float32Array;
  readonly mean: number | null;
}

export function parseChurn(value: unknown): Churn {
  const file = fields(value);
  const ids = integers(file.dataset_idx, "dataset_idx");
  return { ids, churn: floats(file.churn, "churn", ids.length), mean: maybeNumber(file.mean) };
}
