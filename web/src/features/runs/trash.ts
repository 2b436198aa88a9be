import { listTrash, restoreRun } from "@/api/runs";
import type { Trash } from "@/features/trash/trash";

export const RUN_TRASH: Trash = {
  things: "runs",
  list: async () => (await listTrash()).map(({ name, runId, title }) => ({ name, id: runId, title })),
  restore: async (name) => {
    await restoreRun(name);
    return "Restored.";
  },
};
