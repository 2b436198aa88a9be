"use client";
import { useId, useState, type FormEvent } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { labelRun, type RunRow } from "@/api/runs";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextInput } from "@/ui/TextInput";
import styles from "./LabelsDialog.module.css";

interface LabelsDialogProps {
  readonly run: Pick<RunRow, "run_id" | "display_name" | "tags" | "note">;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** What people say about a run: its name on the page, tags, a note. */
export function LabelsDialog({ run, onClose, onDone }: LabelsDialogProps) {
  const [name, setName] = useState(run.display_name);
  const [tags, setTags] = useState((run.tags ?? []).join(", "));
  const [note, setNote] = useState(run.note ?? "");
  const [problem, setProblem] = useState<Problem | null>(null);
  const id = useId();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const words = [...new Set(tags.split(/[,\s]+/).filter(Boolean))];
    try {
      await labelRun(run.run_id, { display_name: name.trim(), tags: words, note });
      onDone();
      onClose();
    } catch (reason) {
      setProblem(asProblem(reason));
    }
  };
  const actions = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button look="primary" type="submit" form={id}>Save</Button>
    </>
  );
  return (
    <Dialog title="Name, tags and note" onClose={onClose} actions={actions}>
      <form id={id} className={styles.form} onSubmit={(event) => void save(event)}>
        <label>
          Name
          <TextInput value={name} maxLength={200} autoFocus placeholder={run.run_id} onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          Tags
          <TextInput value={tags} placeholder="baseline, k-sweep" onChange={(event) => setTags(event.target.value)} />
        </label>
        <label>
          Note
          <textarea className={styles.note} rows={4} value={note} onChange={(event) => setNote(event.target.value)} />
        </label>
        {problem && <p className={styles.problem} role="alert">{problem.what} {problem.remedy}</p>}
      </form>
    </Dialog>
  );
}
