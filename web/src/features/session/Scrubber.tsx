"use client";
import type { CSSProperties } from "react";
import { steady } from "@/lib/format";
import { valueAt } from "@/lib/metrics";
import { isOver } from "@/lib/runState";
import { IconButton } from "@/ui/Button";
import { PauseIcon, PlayIcon } from "@/ui/icons";
import { ScrubberMap } from "./ScrubberMap";
import styles from "./Scrubber.module.css";
import { useEpoch, useRun } from "./RunSession";

/** The one epoch scrubber. Detailed, it has the phases and the loss below it. */
export function Scrubber({ detailed }: { readonly detailed: boolean }) {
  const [view, store] = useEpoch();
  const planned = useRun((run) => run.totalEpochs ?? 0);
  const loss = useRun((run) => valueAt(run.epochs, "val/loss", view.epoch));
  const last = Math.max(planned, view.newest, 1);
  const place = { "--at": view.epoch / last, "--seen": view.newest / last } as CSSProperties;
  const range = (
    <input
      type="range"
      className={styles.range}
      style={place}
      aria-label="Epoch"
      aria-valuetext={`Epoch ${view.epoch} of ${last}`}
      min={0}
      max={last}
      value={view.epoch}
      onChange={(event) => store.go(event.target.valueAsNumber)}
    />
  );
  return (
    <footer className={styles.scrubber} data-detailed={detailed || undefined} data-epoch={view.epoch}>
      <div className={styles.row}>
        <IconButton framed label={view.playing ? "Pause (space)" : "Play the epochs (space)"} onClick={() => store.toggle()} disabled={view.newest === 0}>
          {view.playing ? <PauseIcon /> : <PlayIcon />}
        </IconButton>
        <output className={styles.epoch}>Epoch {view.epoch}</output>
        <span className={styles.hint}>← → step, space plays, F follows</span>
        {!detailed && <div className={styles.inline}>{range}</div>}
        <span className={styles.spring} />
        {loss !== null && (
          <span className={styles.loss}>
            Loss on validation <b>{steady(loss)}</b>
          </span>
        )}
        <Live />
      </div>
      {detailed && (
        <div className={styles.below}>
          {range}
          <ScrubberMap last={last} />
          <span className={styles.needle} style={place} aria-hidden="true" />
        </div>
      )}
    </footer>
  );
}

/** Says that the view follows the run, or brings it back to its end. */
function Live() {
  const [view, store] = useEpoch();
  const over = useRun((run) => isOver(run.status));
  const words = over ? (view.following ? "Last epoch" : "To the last epoch") : view.following ? "Live, following" : "Go live";
  return (
    <button type="button" className={styles.live} aria-pressed={view.following} aria-keyshortcuts="F" title={over ? "To the last epoch (F)" : "Follow the newest epoch (F)"} onClick={() => store.follow()}>
      <span className={styles.dot} aria-hidden="true" />
      {words}
    </button>
  );
}
