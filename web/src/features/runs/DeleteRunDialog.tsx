"use client";
import { trashRun, type RunRow } from "@/api/runs";
import { DeleteDialog } from "@/features/trash/DeleteDialog";
import { RUN_TRASH } from "./trash";

interface DeleteRunDialogProps {
  readonly run: RunRow;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function DeleteRunDialog({ run, ...rest }: DeleteRunDialogProps) {
  const remove = async () => {
    await trashRun(run.run_id);
    return `${run.display_name} is in the trash.`;
  };
  return (
    <DeleteDialog name={run.display_name} id={run.run_id} trash={RUN_TRASH} remove={remove} {...rest}>
      {run.state === "running" && <p>It is training: its process is asked to stop.</p>}
    </DeleteDialog>
  );
}
