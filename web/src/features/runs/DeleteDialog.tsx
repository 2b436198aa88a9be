"use client";
import { useState } from "react";
import { asProblem } from "@/api/problem";
import { listTrash, restoreRun, trashRun, type RunRow } from "@/api/runs";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { toast } from "@/ui/Toast";

interface DeleteDialogProps {
  readonly run: RunRow;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function DeleteDialog({ run, onClose, onDone }: DeleteDialogProps) {
  const [busy, setBusy] = useState(false);
  const remove = async () => {
    setBusy(true);
    try {
      await trashRun(run.run_id);
      toast(`${run.display_name} is in the trash.`, { label: "Restore", run: () => void restoreById(run.run_id, onDone) });
      onDone();
    } catch (reason) {
      toast(asProblem(reason).what, null, "error");
    }
    onClose();
  };
  const actions = (
    <>
      <Button onClick={onClose}>Keep it</Button>
      <Button look="danger" busy={busy} onClick={() => void remove()} autoFocus>
        Delete
      </Button>
    </>
  );
  return (
    <Dialog title={`Delete ${run.display_name}?`} onClose={onClose} actions={actions}>
      <p>It moves to the trash inside the runs folder and can be restored from there.</p>
      {run.state === "running" && <p>It is training: its process is asked to stop.</p>}
    </Dialog>
  );
}

/** Takes a run out of the trash, and says how that went. */
export async function restore(name: string, onDone: () => void): Promise<void> {
  try {
    await restoreRun(name);
    toast("Restored.");
    onDone();
  } catch (reason) {
    toast(asProblem(reason).what, null, "error");
  }
}

/** Takes back a deletion: of several runs with this id in the trash, the last one. */
async function restoreById(runId: string, onDone: () => void): Promise<void> {
  const trash = await listTrash().catch(() => []);
  const name = trash.findLast((entry) => entry.runId === runId)?.name;
  if (name) await restore(name, onDone);
  else toast("It is no longer in the trash.", null, "error");
}
