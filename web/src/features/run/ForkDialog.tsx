"use client";
import { useRouter } from "next/navigation";
import { useId, useState, type FormEvent } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { forkRun, type RunDetail } from "@/api/runs";
import { leaves } from "@/lib/config";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { CloseIcon } from "@/ui/icons";
import { TextInput } from "@/ui/TextInput";
import styles from "./ForkDialog.module.css";
import { forkableEpoch } from "./checkpoints";

interface ForkDialogProps {
  readonly detail: RunDetail;
  readonly epoch: number;
  readonly onClose: () => void;
}

interface Change {
  readonly path: string;
  readonly value: string;
}

/** A new run that goes on from this one's checkpoint, with other settings. */
export function ForkDialog({ detail, epoch, onClose }: ForkDialogProps) {
  const router = useRouter();
  const id = useId();
  const from = forkableEpoch(detail.checkpoints, epoch) ?? epoch;
  const settings = leaves(detail.config ?? {});
  const [changes, setChanges] = useState<readonly Change[]>([{ path: "", value: "" }]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const set = (at: number, change: Partial<Change>) =>
    setChanges((old) => old.map((item, index) => (index === at ? { ...item, ...change } : item)));
  const start = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const overrides = changes.filter(({ path }) => path.trim()).map(({ path, value }) => `${path.trim()}=${value.trim()}`);
    try {
      router.push(`/runs/${await forkRun(detail.summary.run_id, from, overrides)}`);
      onClose();
    } catch (reason) {
      setProblem(asProblem(reason));
      setBusy(false);
    }
  };
  const actions = (
    <>
      <Button onClick={onClose}>Keep as it is</Button>
      <Button look="primary" type="submit" form={id} busy={busy}>Fork from {from}</Button>
    </>
  );
  return (
    <Dialog title={`Fork from epoch ${from}`} onClose={onClose} actions={actions}>
      <p>A new run starts with this run&apos;s weights of epoch {from}. This run stays as it is.</p>
      <form id={id} className={styles.form} onSubmit={(event) => void start(event)}>
        <datalist id={`${id}-paths`}>
          {settings.map(({ path }) => (
            <option key={path} value={path} />
          ))}
        </datalist>
        {changes.map((change, at) => {
          const now = settings.find(({ path }) => path === change.path);
          return (
            <div key={at} className={styles.change}>
              <TextInput list={`${id}-paths`} aria-label="Setting" placeholder="objective.kld_weight" value={change.path} onChange={(event) => set(at, { path: event.target.value })} />
              <span aria-hidden="true">=</span>
              <TextInput aria-label="New value" placeholder={now ? String(now.value) : "value"} value={change.value} onChange={(event) => set(at, { value: event.target.value })} />
              <IconButton label="Leave this one as it is" onClick={() => setChanges((old) => (old.length > 1 ? old.filter((_, index) => index !== at) : [{ path: "", value: "" }]))}>
                <CloseIcon />
              </IconButton>
            </div>
          );
        })}
        <div>
          <Button look="quiet" onClick={() => setChanges((old) => [...old, { path: "", value: "" }])}>Change another setting</Button>
        </div>
        {problem && (
          <p className={styles.problem} role="alert">
            {problem.what} {problem.fields.map(({ path, message }) => `${path}: ${message}`).join("; ")} {problem.remedy}
          </p>
        )}
      </form>
    </Dialog>
  );
}
