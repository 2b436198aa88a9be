"use client";
import { useRun } from "@/features/session/RunSession";
import { count, timeLeft } from "@/lib/format";
import { isOver } from "@/lib/runState";
import { RunActions } from "./RunActions";
import styles from "./RunHeader.module.css";

/** Progress and actions in one line, for screens that have no header of their own. */
export function RunBar() {
  return (
    <div className={styles.brief}>
      <BriefProgress />
      <RunActions calm />
    </div>
  );
}

function BriefProgress() {
  const epoch = useRun((run) => run.epoch);
  const total = useRun((run) => run.totalEpochs);
  const status = useRun((run) => run.status);
  const left = useRun((run) => (run.status === "running" ? timeLeft(run.progress?.secondsLeft ?? null) : null));
  if (isOver(status) || status === "unknown") return null;
  const words = status === "created" ? "Starting" : total === null ? `Epoch ${count(epoch)}` : `Epoch ${count(epoch)} of ${count(total)}`;
  return <span className={styles.left}>{[words, left].filter(Boolean).join(" · ")}</span>;
}
