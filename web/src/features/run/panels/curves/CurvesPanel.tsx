"use client";
import { useMemo, useState, type CSSProperties } from "react";
import { Strip, type StripData } from "@/charts/curves/Strip";
import { useEpoch, useRun } from "@/features/session/RunSession";
import { useTheme } from "@/features/session/ThemeToggle";
import { useRunArtifact } from "@/features/session/useArtifact";
import { parseDiagnoses, type Finding } from "@/lib/diagnoses";
import { steady } from "@/lib/format";
import { valueAt, type MetricTable } from "@/lib/metrics";
import { axisEnd, passesOf } from "@/lib/moments";
import { stripsOf, type Strip as StripSpec, type StripGroup } from "@/lib/strips";
import { parseTimeline } from "@/lib/timeline";
import { Section } from "@/ui/Section";
import { Segmented } from "@/ui/Segmented";
import { Skeleton } from "@/ui/Skeleton";
import { Backdrop } from "./Backdrop";
import styles from "./curves.module.css";
import { EpochAxis, Listing, Schedule } from "./Schedule";

const NO_FINDINGS: readonly Finding[] = [];
type Shown = StripGroup | "all";
const GROUPS: readonly (readonly [Shown, string])[] = [
  ["objective", "Objective"],
  ["mixture", "Mixture"],
  ["scores", "Scores"],
  ["other", "Other"],
  ["all", "All"],
];

/** Every term over the epochs, with the schedule under them on the same axis. */
export function CurvesPanel() {
  const epochs = useRun((run) => run.epochs);
  const steps = useRun((run) => run.steps);
  const perEpoch = useRun((run) => run.stepsPerEpoch);
  const planned = useRun((run) => run.totalEpochs ?? 0);
  const [{ epoch, at, inside, newest }] = useEpoch();
  const passes = useRun((run) => passesOf(run));
  const theme = useTheme();
  const timeline = useRunArtifact("timeline", parseTimeline);
  const diagnoses = useRunArtifact("diagnoses", parseDiagnoses);
  const [chosen, setChosen] = useState<Shown>("objective");
  const [detail, setDetail] = useState<"epochs" | "steps">("epochs");

  const names = Object.keys(epochs.columns).join() + Object.keys(steps.columns).join();
  const columns = timeline.data?.columns;
  const strips = useMemo(
    () => stripsOf(epochs, steps, columns?.map((column) => column.name) ?? []),
    // Strips depend on the names of the columns, not on their values.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [names, columns],
  );
  const present = GROUPS.filter(([group]) => group === "all" || strips.some((strip) => strip.group === group));
  const group = present.some(([name]) => name === chosen) ? chosen : (present[0]?.[0] ?? "all");
  const shown = strips.filter((strip) => group === "all" || strip.group === group);
  const last = axisEnd(Math.max(planned, newest, 1), passes);
  const bySteps = detail === "steps" || epochs.x.length < 4;

  return (
    <Section title="Curves" aside={<Controls {...{ present, group, setChosen, detail, setDetail }} />}>
      {strips.length === 0 ? (
        <Skeleton height={320} label="Waiting for the first metrics" />
      ) : (
        <div className={styles.stack} style={{ "--axes": perEpoch !== null && perEpoch > 1 ? "36px" : "20px" } as CSSProperties}>
          <Backdrop last={last} at={at} phases={timeline.data?.phases ?? []} perEpoch={perEpoch} findings={diagnoses.data?.findings ?? NO_FINDINGS} />
          {shown.map((strip) => (
            <Line key={strip.term} {...{ strip, epochs, steps, perEpoch, last, epoch, at, inside, theme, bySteps }} tall={shown.length <= 5} />
          ))}
          {timeline.data && perEpoch && <Schedule timeline={timeline.data} perEpoch={perEpoch} last={last} at={at} />}
          <EpochAxis last={last} perEpoch={perEpoch} />
        </div>
      )}
      {timeline.data && perEpoch && strips.length > 0 && <Listing timeline={timeline.data} perEpoch={perEpoch} at={at} />}
    </Section>
  );
}

interface ControlsProps {
  readonly present: readonly (readonly [Shown, string])[];
  readonly group: Shown;
  readonly setChosen: (group: Shown) => void;
  readonly detail: "epochs" | "steps";
  readonly setDetail: (detail: "epochs" | "steps") => void;
}

function Controls({ present, group, setChosen, detail, setDetail }: ControlsProps) {
  return (
    <>
      <span className={styles.key} data-of="validation">validation</span>
      <span className={styles.key} data-of="training">training</span>
      <Segmented
        label="Training curve"
        value={detail}
        onChange={setDetail}
        options={[
          { value: "epochs", label: "per epoch" },
          { value: "steps", label: "per step" },
        ]}
      />
      <Segmented label="Terms" value={group} onChange={setChosen} options={present.map(([value, label]) => ({ value, label }))} />
    </>
  );
}

interface LineProps {
  readonly strip: StripSpec;
  readonly epochs: MetricTable;
  readonly steps: MetricTable;
  readonly perEpoch: number | null;
  readonly last: number;
  readonly epoch: number;
  /** Where the playhead stands, in epochs, and whether that is inside one. */
  readonly at: number;
  readonly inside: boolean;
  readonly theme: string;
  readonly bySteps: boolean;
  readonly tall: boolean;
}

function Line({ strip, epochs, steps, perEpoch, last, epoch, at, inside, theme, bySteps, tall }: LineProps) {
  const validation = useMemo(() => column(epochs, strip.validation, last), [epochs, strip.validation, last]);
  const training = useMemo(
    () => (bySteps && perEpoch ? (stepColumn(steps, strip, perEpoch) ?? column(epochs, strip.training, last)) : column(epochs, strip.training, last)),
    [epochs, steps, strip, perEpoch, bySteps, last],
  );
  const value = valueAt(epochs, strip.validation ?? strip.training ?? "", epoch);
  const ofStep = inside && perEpoch ? stepValue(steps, strip, Math.round(at * perEpoch)) : null;
  const trained = ofStep ?? (strip.validation && strip.training ? valueAt(epochs, strip.training, epoch) : null);
  return (
    <div className={styles.line}>
      <div className={styles.label}>
        <span className={styles.term}>{strip.label}</span>
        <span className={styles.unit}>{strip.unit}</span>
        <span className={styles.value}>{steady(value)}</span>
        {trained !== null && <span className={styles.trained}>{steady(trained)} training</span>}
      </div>
      <Strip validation={validation} training={training} last={last} height={tall ? 88 : 76} theme={theme} at={inside ? null : at} value={value} />
    </div>
  );
}

/** Values of the epochs; one that is a part of an epoch stands at its true end. */
function column(table: MetricTable, name: string | null, last: number): StripData | null {
  const values = name === null ? undefined : table.columns[name];
  const beyond = (table.x.at(-1) ?? 0) > last;
  return values ? { x: beyond ? table.x.map((x) => Math.min(x, last)) : table.x, values } : null;
}

/** What the update before a step measured. */
function stepValue(steps: MetricTable, { term }: StripSpec, step: number): number | null {
  return valueAt(steps, `train/${term}`, step - 1) ?? valueAt(steps, term, step - 1);
}

/** Values of the updates, on the axis of epochs. */
function stepColumn(steps: MetricTable, strip: StripSpec, perEpoch: number): StripData | null {
  const values = steps.columns[`train/${strip.term}`] ?? steps.columns[strip.term];
  return values ? { x: steps.x.map((step) => (step + 1) / perEpoch), values } : null;
}
