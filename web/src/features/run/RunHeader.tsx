"use client";
import { useState } from "react";
import { useDetail, useRun, useSession } from "@/features/session/RunSession";
import { describeModel } from "@/lib/config";
import { reasonWords } from "@/lib/words";
import { Notice } from "@/ui/Notice";
import { LabelsDialog } from "@/features/labels/LabelsDialog";
import { IconButton } from "@/ui/Button";
import { PencilIcon } from "@/ui/icons";
import { Progress } from "./Progress";
import { RunActions } from "./RunActions";
import styles from "./RunHeader.module.css";

export function RunHeader() {
  const session = useSession();
  const detail = useDetail();
  const [renaming, setRenaming] = useState(false);
  const name = detail?.summary.display_name ?? session.runId;
  return (
    <header className={styles.header}>
      <div className={styles.names}>
        <h1 className={styles.name}>
          <span title={session.runId}>{name}</span>
          <IconButton label="Rename, tag or note" onClick={() => setRenaming(true)} disabled={!detail}>
            <PencilIcon />
          </IconButton>
        </h1>
        <p className={styles.about}>{detail?.config ? describeModel(detail.config) : " "}</p>
      </div>
      <Progress />
      <span className={styles.spring} />
      <RunActions />
      <Failure />
      {renaming && detail && <LabelsDialog run={detail.summary} onClose={() => setRenaming(false)} onDone={() => void session.refresh()} />}
    </header>
  );
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
