import { fields, maybeNumber } from "./check";

/** Where a picture comes from: what every artifact says of itself. */
export interface Receipt {
  readonly epoch: number | null;
  readonly step: number | null;
  readonly seed: number | null;
  readonly checkpoint: string | null;
  readonly computeMs: number | null;
}

export function parseReceipt(value: unknown): Receipt {
  const file = fields(value);
  return {
    epoch: maybeNumber(file.epoch),
    step: maybeNumber(file.step),
    seed: maybeNumber(file.seed),
    checkpoint: typeof file.checkpoint_hash === "string" ? file.checkpoint_hash : null,
    computeMs: maybeNumber(file.compute_ms),
  };
}
