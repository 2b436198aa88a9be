"use client";
import { useState } from "react";
import { useDetail, useEpoch, useRun, useSession } from "@/features/session/RunSession";
import { describeModel } from "@/lib/config";
import { reasonWords } from "@/lib/words";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { LabelsDialog } from "@/features/labels/LabelsDialog";
import { IconButton } from "@/ui/Button";
import { PencilIcon } from "@/ui/icons";
import { ForkDialog } from "./ForkDialog";
import { Progress } from "./Progress";
import styles from "./RunHeader.module.css";
import { useRunAction } from "./useRunAction";

export function RunHeader() {
  const session = useSession();
  const detail = useDetail();
  const [{ epoch }] = useEpoch();
  const [dialog, setDialog] = useState<"fork" | "labels" | null>(null);
  const name = detail?.summary.display_name ?? session.runId;
  return (
    <header className={styles.header}>
      <div className={styles.names}>
        <h1 className={styles.name}>
          <span title={session.runId}>{name}</span>
          <IconButton label="Rename, tag or note" onClick={() => setDialog("labels")} disabled={!detail}>
            <PencilIcon />
          </IconButton>
        </h1>
        <p className={styles.about}>{detail?.config ? describeModel(detail.config) : " "}</p>
      </div>
      <Progress />
      <span className={styles.spring} />
      <Actions onFork={() => setDialog("fork")} />
      <Failure />
      {dialog === "fork" && detail && <ForkDialog detail={detail} epoch={epoch} onClose={() => setDialog(null)} />}
      {dialog === "labels" && detail && (
        <LabelsDialog run={detail.summary} onClose={() => setDialog(null)} onDone={() => void session.refresh()} />
      )}
    </header>
  );
}

function Actions({ onFork }: { readonly onFork: () => void }) {
  const status = useRun((run) => run.status);
  const detail = useDetail();
  const [{ epoch }] = useEpoch();
  const { busy, cancel, resume } = useRunAction();
  const from = forkableEpoch(detail?.checkpoints ?? [], epoch);
  const stoppable = status === "running" || status === "created";
  const stopping = busy === "cancel" || (detail?.summary.cancelling ?? false);
  return (
    <div className={styles.actions}>
      {stoppable && (
        <Button onClick={cancel} busy={stopping}>
          {stopping ? "Stopping" : "Cancel"}
        </Button>
      )}
      {detail?.resumable && !stoppable && (
        <Button onClick={resume} busy={busy === "resume"}>
          Resume
        </Button>
      )}
      <Button look="primary" onClick={onFork} disabled={from === null} title={from === null ? "There is no checkpoint yet" : "Start a new run from this epoch"}>
        Fork from {from ?? epoch}
      </Button>
    </div>
  );
}

/** The newest epoch with a checkpoint at or before the one at hand, else the first after it. */
export function forkableEpoch(checkpoints: readonly { readonly epoch: number; readonly step?: number | null }[], epoch: number): number | null {
  const epochs = checkpoints.filter((checkpoint) => checkpoint.step === null || checkpoint.step === undefined).map((checkpoint) => checkpoint.epoch);
  const before = epochs.filter((at) => at <= epoch);
  if (before.length > 0) return Math.max(...before);
  return epochs.length > 0 ? Math.min(...epochs) : null;
}

function Failure() {
  const failure = useRun((run) => run.failure);
  const summary = useDetail()?.summary;
  const failed = useRun((run) => run.status === "failed");
  const interrupted = summary?.state === "failed" && !failed;
  if (!failed && !interrupted) return null;
  const reason = failed ? failure?.reason : summary?.reason;
  const message = failed ? failure?.message : summary?.message;
  return (
    <div className={styles.failure}>
      <Notice compact tone="error" title={reasonWords(reason, message)}>
        {failure?.terms.length ? `Terms that were not finite: ${failure.terms.join(", ")}. ` : ""}
        Resume it from its last checkpoint, or fork it from an earlier epoch with another setting.
      </Notice>
    </div>
  );
}
