"use client";
import { useEffect, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { restore, type Trash, type Trashed } from "./trash";
import styles from "./TrashDialog.module.css";

interface TrashDialogProps {
  readonly trash: Trash;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** What was deleted, to be brought back. */
export function TrashDialog({ trash, onClose, onDone }: TrashDialogProps) {
  const [there, setThere] = useState<readonly Trashed[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    trash.list().then(setThere, (reason: unknown) => setProblem(asProblem(reason)));
  }, [trash]);
  const bring = async (name: string) => {
    if (await restore(trash, name, onDone)) setThere((old) => old?.filter((one) => one.name !== name) ?? null);
  };
  return (
    <Dialog title="Trash" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
      {problem && <Notice compact tone="error" title={problem.what}>{problem.remedy}</Notice>}
      {!there && !problem && <Skeleton height={28} label="Loading the trash" />}
      {there?.length === 0 && <p>The trash is empty. Deleted {trash.things} lie here until you empty the folder yourself.</p>}
      <ul className={styles.list}>
        {there?.map(({ name, title, note }) => (
          <li key={name} className={styles.item}>
            <span className={styles.name} title={name}>
              {title}
              {note && <small className={styles.note}>{note}</small>}
            </span>
            <Button aria-label={`Restore ${title}`} onClick={() => void bring(name)}>Restore</Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
