"use client";
import { useState } from "react";
import { asProblem } from "@/api/problem";
import { cancelSweep, resumeSweep } from "@/api/sweeps";
import { metricWords } from "@/lib/sweep/table";
import { isEnded } from "@/lib/sweep/sweep";
import { Button } from "@/ui/Button";
import { Segmented } from "@/ui/Segmented";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/Toast";
import { useMetric, useStore, useSweep, useSweepPage } from "./context";
import { useExports } from "./export/useExports";
import styles from "./SweepScreen.module.css";

const VIEWS = [
  { value: "wall", label: "Wall" },
  { value: "both", label: "Both" },
  { value: "table", label: "Table" },
] as const;

/** How the wall is looked at, what can be taken along, and what can be done with the sweep. */
export function SweepControls() {
  const { look, change, session } = useSweepPage();
  const sweep = useSweep();
  const points = useStore(session.film.points);
  const metric = useMetric();
  const { savePng, saveCsv, canSave } = useExports();
  const wall = look.show !== "table";
  return (
    <div className={styles.controls}>
      {wall && points?.colors && (
        <Select label="Color by" className={styles.pick} value={look.color} options={COLORS} onChange={(color) => change({ color: color === "label" ? "label" : "own" })} />
      )}
      {wall && metric !== null && (
        <Select
          label="Number under the maps"
          className={styles.pick}
          value={metric}
          options={sweep.columns.map((name) => ({ value: name, label: metricWords(name) }))}
          onChange={(name) => change({ metric: name })}
        />
      )}
      {wall && (
        <Select label="Scale of the maps" className={styles.narrow} value={look.scale} options={SCALES} onChange={(scale) => change({ scale: scale === "fit" ? "fit" : "common" })} />
      )}
      <Segmented label="What is shown" options={VIEWS} value={look.show} onChange={(show) => change({ show })} />
      <div className={styles.group} role="group" aria-label="Export">
        <Button onClick={savePng} disabled={!canSave} title="Save the wall as it stands as a picture">PNG</Button>
        <Button onClick={saveCsv} title="Save the metric table">CSV</Button>
      </div>
      <Action />
    </div>
  );
}

const COLORS = [
  { value: "own", label: "Own color" },
  { value: "label", label: "Color by label" },
] as const;

const SCALES = [
  { value: "common", label: "One scale" },
  { value: "fit", label: "Fit each map" },
] as const;

/** Stops a sweep that goes on; carries one on that stopped. */
function Action() {
  const { session } = useSweepPage();
  const sweep = useSweep();
  const [busy, setBusy] = useState(false);
  const act = async (what: (id: string) => Promise<void>) => {
    setBusy(true);
    try {
      await what(sweep.id);
      await session.refresh();
    } catch (reason) {
      toast(asProblem(reason).what, null, "error");
    }
    setBusy(false);
  };
  const waits = sweep.queued !== null;
  if (sweep.state === "running" || (sweep.state === "created" && waits)) {
    return <Button busy={busy || sweep.cancelling} onClick={() => void act(cancelSweep)} title="Running variants are asked to stop; what they have done is kept">Cancel</Button>;
  }
  const open = sweep.resumable && !waits && (isEnded(sweep.state) || sweep.state === "created");
  return open ? <Button look="primary" busy={busy} onClick={() => void act(resumeSweep)}>{sweep.state === "created" ? "Start" : "Resume"}</Button> : null;
}
