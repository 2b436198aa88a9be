import { listTrashedSweeps, restoreSweep } from "@/api/sweeps";
import type { Trash } from "@/features/trash/trash";

const runs = (count: number) => `${count} ${count === 1 ? "run" : "runs"}`;

/** A sweep comes back with those of its runs that are in the trash too. */
export const SWEEP_TRASH: Trash = {
  things: "sweeps",
  list: async () =>
    (await listTrashedSweeps()).map(({ name, sweepId, title, variants, runsInTrash }) => ({
      name,
      id: sweepId,
      title,
      note: runsInTrash > 0 ? `${variants} variants, ${runs(runsInTrash)} in the trash with it` : `${variants} variants, runs not in the trash`,
    })),
  restore: async (name) => {
    const count = await restoreSweep(name);
    return count > 0 ? `Restored, with ${runs(count)}.` : "Restored.";
  },
};
