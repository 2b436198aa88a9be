"use client";
import { useState } from "react";
import { asProblem } from "@/api/problem";
import { trashSweep } from "@/api/sweeps";
import { isEnded, type SweepLine } from "@/lib/sweep/sweep";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/Checkbox";
import { Dialog } from "@/ui/Dialog";
import { toast } from "@/ui/Toast";

interface DeleteSweepDialogProps {
  readonly sweep: SweepLine;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function DeleteSweepDialog({ sweep, onClose, onDone }: DeleteSweepDialogProps) {
  const [busy, setBusy] = useState(false);
  const [runs, setRuns] = useState(false);
  const goes = !isEnded(sweep.state) && sweep.state !== "created";
  const remove = async () => {
    setBusy(true);
    try {
      await trashSweep(sweep.id, runs);
      toast(runs ? `${sweep.name} and its runs are in the trash.` : `${sweep.name} is in the trash; its runs stay.`);
      onDone();
    } catch (reason) {
      toast(asProblem(reason).what, null, "error");
    }
    onClose();
  };
  const actions = (
    <>
      <Button onClick={onClose}>Keep it</Button>
      <Button look="danger" busy={busy} disabled={goes} onClick={() => void remove()} autoFocus>Delete</Button>
    </>
  );
  return (
    <Dialog title={`Delete ${sweep.name}?`} onClose={onClose} actions={actions}>
      <p>It moves to the trash inside the runs folder and can be restored from there.</p>
      {goes ? <p>It is being carried out: cancel it first.</p> : <Checkbox checked={runs} onChange={setRuns}>Its {sweep.size} runs too</Checkbox>}
    </Dialog>
  );
}
