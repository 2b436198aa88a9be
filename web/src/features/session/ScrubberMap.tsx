"use client";
import { memo, useMemo } from "react";
import type { MetricTable } from "@/lib/metrics";
import { ticks } from "@/lib/ticks";
import { parseTimeline } from "@/lib/timeline";
import styles from "./Scrubber.module.css";
import { useRun } from "./RunSession";
import { useRunArtifact } from "./useArtifact";

const HEIGHT = 30;

/** Phases and the loss on validation, on the scrubber's own axis. It stays while the epoch moves. */
export const ScrubberMap = memo(function ScrubberMap({ last }: { readonly last: number }) {
  const table = useRun((run) => run.epochs);
  const perEpoch = useRun((run) => run.stepsPerEpoch);
  const timeline = useRunArtifact("timeline", parseTimeline);
  const path = useMemo(() => lossPath(table, last), [table, last]);
  const phases = perEpoch ? (timeline.data?.phases ?? []) : [];
  return (
    <div className={styles.map}>
      <div className={styles.plot}>
        {phases.map((phase, index) => {
          const [from, to] = [phase.start / (perEpoch ?? 1), (phase.end + 1) / (perEpoch ?? 1)];
          const style = { left: `${(from / last) * 100}%`, width: `${((to - from) / last) * 100}%` };
          return (
            <span key={phase.start} className={styles.phase} style={style} data-shade={index % 2 === 0 || undefined}>
              {phase.name}
            </span>
          );
        })}
        <svg className={styles.curve} viewBox={`0 0 1000 ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <path d={path} fill="none" vectorEffect="non-scaling-stroke" />
        </svg>
      </div>
      <div className={styles.axis} aria-hidden="true">
        {ticks(last).map((tick) => (
          <span key={tick} style={{ left: `${(tick / last) * 100}%` }}>
            {tick}
          </span>
        ))}
      </div>
    </div>
  );
});

/** The curve from its top at the first finite value to its lowest; the first few rows may tower. */
function lossPath(table: MetricTable, last: number): string {
  const values = table.columns["val/loss"] ?? table.columns["train/loss"] ?? [];
  const finite = values.filter((value): value is number => value !== null).sort((a, b) => a - b);
  const [low, high] = [finite[0] ?? 0, finite[Math.floor((finite.length - 1) * 0.97)] ?? 1];
  const span = high - low || 1;
  let path = "";
  values.forEach((value, at) => {
    if (value === null) return;
    const x = ((table.x[at] as number) / last) * 1000;
    if (value > high) return; // it enters the picture from above
    const y = 2 + (1 - (value - low) / span) * (HEIGHT - 6);
    path += `${path ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return path;
}
