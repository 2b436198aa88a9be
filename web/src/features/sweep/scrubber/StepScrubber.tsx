"use client";
import type { CSSProperties, KeyboardEvent } from "react";
import scrubber from "@/features/session/Scrubber.module.css";
import { count } from "@/lib/format";
import { isEnded, type Sweep } from "@/lib/sweep/sweep";
import { ticks } from "@/lib/ticks";
import { Button, IconButton } from "@/ui/Button";
import { PauseIcon, PlayIcon } from "@/ui/icons";
import { useShown, useStore, useSweep, useSweepPage } from "../context";
import { WallReceipt } from "./WallReceipt";
import styles from "./StepScrubber.module.css";

const KEYS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };

/** The one scrubber of all maps, in steps, over the pictures that there are. */
export function StepScrubber() {
  const { session, look, change } = useSweepPage();
  const sweep = useSweep();
  const view = useStore(session.steps);
  const last = lastStep(sweep);
  const [step, newest] = [view.step ?? 0, view.steps.at(-1) ?? 0];
  const place = { "--at": step / last, "--seen": newest / last } as CSSProperties;
  const onKeyDown = (event: KeyboardEvent) => {
    const by = KEYS[event.key];
    if (event.key === "Home") session.steps.go(0);
    else if (event.key === "End") session.steps.go(newest);
    else if (by !== undefined) session.steps.by(by);
    else return;
    event.preventDefault(); // from picture to picture, not from step to step
  };
  return (
    <footer className={scrubber.scrubber} data-detailed="" data-sweep-step={view.step ?? ""}>
      <div className={scrubber.row}>
        <IconButton framed label={view.playing ? "Pause (space)" : "Play all maps (space)"} onClick={() => session.steps.toggle()} disabled={view.steps.length < 2}>
          {view.playing ? <PauseIcon /> : <PlayIcon />}
        </IconButton>
        <output className={`${scrubber.epoch} ${styles.step}`}>Step {count(step)}</output>
        <Extent />
        <span className={scrubber.hint}>← → step, space plays, F follows</span>
        <span className={scrubber.spring} />
        {look.selected.length > 0 && (
          <span className={styles.selected} role="status">
            {look.selected.length} {look.selected.length === 1 ? "point" : "points"} selected
            <Button look="quiet" onClick={() => change({ selected: [] })} title="Show all points again (Esc)">Clear</Button>
          </span>
        )}
        <WallReceipt />
        <Live />
      </div>
      <div className={scrubber.below}>
        <input
          type="range"
          className={scrubber.range}
          style={place}
          aria-label="Step"
          aria-valuetext={`Step ${step} of ${last}`}
          min={0}
          max={last}
          value={step}
          onKeyDown={onKeyDown}
          onChange={(event) => session.steps.go(event.target.valueAsNumber)}
        />
        <div className={scrubber.map}>
          <div className={scrubber.axis} aria-hidden="true">
            {ticks(last).map((tick) => <span key={tick} style={{ left: `${(tick / last) * 100}%` }}>{count(tick)}</span>)}
          </div>
        </div>
      </div>
    </footer>
  );
}

/** The last step that is planned, or recorded, of any variant. */
function lastStep({ wall, variants, state }: Sweep): number {
  const newest = wall?.steps.at(-1)?.step ?? 0;
  const planned = isEnded(state) ? [] : variants.map(({ totalSteps }) => totalSteps ?? 0);
  return Math.max(newest, ...planned, 1);
}

/** How many of the maps have got this far. */
function Extent() {
  const { steps } = useSweepPage().session;
  const over = isEnded(useSweep().state);
  const words = useShown((shown) => {
    if (!shown) return "";
    const { frame, picture } = shown;
    const there = picture.shown.filter((tile) => tile !== null);
    const behind = there.filter((tile) => tile.step !== frame.step).length;
    const maps = there.length === picture.tiles ? `all ${there.length} maps` : `${there.length} of ${picture.tiles} maps`;
    return behind === 0 ? maps : `${maps}, ${steps.get().following && !over ? "each at its newest step" : `${behind} at an earlier step`}`;
  });
  return <span className={styles.extent}>{words}</span>;
}

/** Says that the wall follows the sweep, or brings it back to its end. */
function Live() {
  const { session } = useSweepPage();
  const { following } = useStore(session.steps);
  const over = isEnded(useSweep().state);
  const words = over ? (following ? "Last step" : "To the last step") : following ? "Live, following" : "Go live";
  return (
    <button type="button" className={scrubber.live} aria-pressed={following} aria-keyshortcuts="F" title={over ? "To the last step (F)" : "Follow the newest maps (F)"} onClick={() => session.steps.follow()}>
      <span className={scrubber.dot} aria-hidden="true" />
      {words}
    </button>
  );
}
