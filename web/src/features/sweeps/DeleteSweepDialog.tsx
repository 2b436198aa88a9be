"use client";
import { useState } from "react";
import { trashSweep } from "@/api/sweeps";
import { DeleteDialog } from "@/features/trash/DeleteDialog";
import { isEnded, type SweepLine } from "@/lib/sweep/sweep";
import { Checkbox } from "@/ui/Checkbox";
import { SWEEP_TRASH } from "./trash";

interface DeleteSweepDialogProps {
  readonly sweep: SweepLine;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function DeleteSweepDialog({ sweep, ...rest }: DeleteSweepDialogProps) {
  const [runs, setRuns] = useState(false);
  const goes = !isEnded(sweep.state) && sweep.state !== "created";
  const remove = async () => {
    await trashSweep(sweep.id, runs);
    return runs ? `${sweep.name} and its runs are in the trash.` : `${sweep.name} is in the trash; its runs stay.`;
  };
  return (
    <DeleteDialog name={sweep.name} id={sweep.id} trash={SWEEP_TRASH} remove={remove} held={goes} {...rest}>
      {goes ? <p>It is being carried out: cancel it first.</p> : <Checkbox checked={runs} onChange={setRuns}>Its {sweep.size} runs too</Checkbox>}
    </DeleteDialog>
  );
}
