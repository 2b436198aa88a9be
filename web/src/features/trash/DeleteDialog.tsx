"use client";
import { useState, type ReactNode } from "react";
import { asProblem } from "@/api/problem";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { toast } from "@/ui/Toast";
import { restoreLast, type Trash } from "./trash";

interface DeleteDialogProps {
  readonly name: string;
  readonly id: string;
  readonly trash: Trash;
  /** Moves it to the trash, and answers what there is to say then. */
  readonly remove: () => Promise<string>;
  /** It cannot be deleted now; the children say why. */
  readonly held?: boolean;
  readonly onClose: () => void;
  readonly onDone: () => void;
  readonly children: ReactNode;
}

/** Asks before something moves to the trash, and offers to take that back. */
export function DeleteDialog({ name, id, trash, remove, held = false, onClose, onDone, children }: DeleteDialogProps) {
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    try {
      toast(await remove(), { label: "Restore", run: () => void restoreLast(trash, id, onDone) });
      onDone();
    } catch (reason) {
      toast(asProblem(reason).what, null, "error");
    }
    onClose();
  };
  const actions = (
    <>
      <Button onClick={onClose}>Keep it</Button>
      <Button look="danger" busy={busy} disabled={held} onClick={() => void go()} autoFocus>Delete</Button>
    </>
  );
  return (
    <Dialog title={`Delete ${name}?`} onClose={onClose} actions={actions}>
      <p>It moves to the trash inside the runs folder and can be restored from there.</p>
      {children}
    </Dialog>
  );
}
