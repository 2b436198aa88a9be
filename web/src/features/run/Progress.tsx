"use client";
import { useDetail, useRun } from "@/features/session/RunSession";
import { clock, count, timeLeft } from "@/lib/format";
import type { RunState } from "@/lib/runState";
import { stateWords } from "@/lib/words";
import { Tag } from "@/ui/Tag";
import styles from "./RunHeader.module.css";

/** How far the run is: state, epoch, steps, and the time left. */
export function Progress() {
  const run = useRun((state) => state);
  const summary = useDetail()?.summary;
  const lost = summary?.state === "failed" && run.status === "running";
  const { label, tone } = stateWords(lost ? "failed" : run.status);
  const share = run.totalSteps ? Math.min(1, run.step / run.totalSteps) : 0;
  const bar = run.status === "running" && !lost ? "accent" : tone === "error" ? "error" : "plain";
  return (
    <div className={styles.progress}>
      <div className={styles.words}>
        <Tag tone={tone} dot>{label}</Tag>
        <span className={styles.strong}>{epochs(run)}</span>
        <span className={styles.second}>{details(run, summary?.queue_position ?? null)}</span>
      </div>
      <div className={styles.bar} data-tone={bar} role="progressbar" aria-label="Training" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}>
        <span style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}

function epochs({ epoch, totalEpochs }: RunState): string {
  return totalEpochs ? `Epoch ${count(epoch)} of ${count(totalEpochs)}` : `Epoch ${count(epoch)}`;
}

function details(run: RunState, queue: number | null): string {
  if (run.status === "created") return queue ? `number ${queue} in the queue` : "its process is starting";
  const steps = run.totalSteps ? `${count(run.step)} of ${count(run.totalSteps)} steps` : `${count(run.step)} steps`;
  const left = run.status === "running" ? timeLeft(run.progress?.secondsLeft ?? null) : null;
  const took = run.durationSeconds === null ? null : `took ${clock(run.durationSeconds)}`;
  return [steps, left ?? took].filter(Boolean).join(" · ");
}
