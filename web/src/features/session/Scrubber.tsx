"use client";
import type { CSSProperties } from "react";
import type { EpochStore } from "@/lib/epoch";
import { count, steady } from "@/lib/format";
import { valueAt } from "@/lib/metrics";
import { axisEnd, passesOf } from "@/lib/moments";
import { isOver } from "@/lib/runState";
import { IconButton } from "@/ui/Button";
import { PauseIcon, PlayIcon } from "@/ui/icons";
import { ScrubberMap } from "./ScrubberMap";
import styles from "./Scrubber.module.css";
import { useEpoch, useRun } from "./RunSession";

/** What keys do on the handle: a step is one place, a large one ten. */
const KEYS: Readonly<Record<string, (store: EpochStore) => void>> = {
  ArrowLeft: (store) => store.step(-1),
  ArrowDown: (store) => store.step(-1),
  ArrowRight: (store) => store.step(1),
  ArrowUp: (store) => store.step(1),
  PageDown: (store) => store.step(-10),
  PageUp: (store) => store.step(10),
  Home: (store) => store.go(0),
  End: (store) => store.go(Number.MAX_SAFE_INTEGER),
};

/** The one epoch scrubber. Detailed, it has the phases and the loss below it. */
export function Scrubber({ detailed }: { readonly detailed: boolean }) {
  const [view, store] = useEpoch();
  const planned = useRun((run) => run.totalEpochs ?? 0);
  const loss = useRun((run) => valueAt(run.epochs, "val/loss", view.epoch));
  const passes = useRun((run) => passesOf(run));
  const perEpoch = useRun((run) => run.stepsPerEpoch);
  const last = axisEnd(Math.max(planned, view.newest, 1), passes);
  const place = { "--at": view.at / last, "--seen": Math.min(1, Math.max(view.newest, view.at) / last) } as CSSProperties;
  const step = perEpoch && view.fine ? count(Math.round(view.at * perEpoch)) : null;
  const range = (
    <input
      type="range"
      className={styles.range}
      style={place}
      aria-label="Epoch"
      aria-valuetext={`Epoch ${view.epoch} of ${Math.max(planned, view.newest, 1)}${step === null ? "" : `, step ${step}`}`}
      min={0}
      max={last}
      step="any"
      value={view.at}
      onKeyDown={(event) => {
        const move = KEYS[event.key];
        if (!move) return;
        event.preventDefault();
        move(store);
      }}
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
        {step !== null && <span className={styles.step}>step {step}</span>}
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
