"use client";
import { useEffect, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { listTrash, type TrashedRun } from "@/api/runs";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { restore } from "./DeleteDialog";
import styles from "./TrashDialog.module.css";

interface TrashDialogProps {
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Runs that were deleted, to be brought back. */
export function TrashDialog({ onClose, onDone }: TrashDialogProps) {
  const [runs, setRuns] = useState<readonly TrashedRun[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    listTrash().then(setRuns, (reason: unknown) => setProblem(asProblem(reason)));
  }, []);
  const bring = async (name: string) => {
    await restore(name, onDone);
    setRuns((old) => old?.filter((run) => run.name !== name) ?? null);
  };
  return (
    <Dialog title="Trash" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
      {problem && <Notice compact tone="error" title={problem.what}>{problem.remedy}</Notice>}
      {!runs && !problem && <Skeleton height={28} label="Loading the trash" />}
      {runs?.length === 0 && <p>The trash is empty. Deleted runs lie here until you empty the folder yourself.</p>}
      <ul className={styles.list}>
        {runs?.map((run) => (
          <li key={run.name} className={styles.item}>
            <span className={styles.name} title={run.name}>{run.title}</span>
            <Button onClick={() => void bring(run.name)}>Restore</Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
