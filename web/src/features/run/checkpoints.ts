/** The newest epoch with a checkpoint at or before the one at hand, else the first after it. */
export function forkableEpoch(checkpoints: readonly { readonly epoch: number; readonly step?: number | null }[], epoch: number): number | null {
  const epochs = checkpoints.filter((checkpoint) => checkpoint.step === null || checkpoint.step === undefined).map((checkpoint) => checkpoint.epoch);
  const before = epochs.filter((at) => at <= epoch);
  if (before.length > 0) return Math.max(...before);
  return epochs.length > 0 ? Math.min(...epochs) : null;
}
