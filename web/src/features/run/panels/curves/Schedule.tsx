"use client";
import { useState } from "react";
import { Rail } from "@/charts/curves/Rail";
import { useSession } from "@/features/session/RunSession";
import { compact, count } from "@/lib/format";
import { columnWords } from "@/lib/strips";
import { ticks } from "@/lib/ticks";
import { columnAt, type Timeline } from "@/lib/timeline";
import { Button } from "@/ui/Button";
import styles from "./curves.module.css";
import { Sheet } from "./Sheet";

interface ScheduleProps {
  readonly timeline: Timeline;
  readonly perEpoch: number;
  /** Epochs that the width stands for. */
  readonly last: number;
  /** Where the playhead stands, in epochs. */
  readonly at: number;
}

/** The dopesheet on the curves' axis: phases and actions by name, and each column with its keyframes. */
export function Schedule({ timeline, perEpoch, last, at }: ScheduleProps) {
  const { epoch } = useSession();
  const step = Math.min(Math.round(at * perEpoch), timeline.length - 1);
  const go = (to: number) => epoch.go(to / perEpoch);
  return (
    <div className={styles.schedule}>
      <div className={styles.line}>
        <span className={styles.scheduleTitle}>Schedule</span>
        <div className={styles.names}>
          {timeline.phases.map((phase) => (
            <span key={phase.start} style={{ left: `${(phase.start / perEpoch / last) * 100}%` }}>
              {phase.name}
            </span>
          ))}
        </div>
      </div>
      {timeline.actions.length > 0 && <Actions {...{ timeline, perEpoch, last, step, go }} />}
      {timeline.columns.map((column) => (
        <div key={column.name} className={styles.line}>
          <span className={styles.column}>
            <span className={styles.columnName} title={column.name}>{columnWords(column.name)}</span>
            <span>{compact(columnAt(timeline, column.name, step), 3)}</span>
          </span>
          <div className={styles.rail}>
            <Rail column={column} steps={timeline.steps} length={last * perEpoch} step={step} onStep={go} />
          </div>
        </div>
      ))}
    </div>
  );
}

/** A button that lists the keyframes as a table, where there are more than one per column. */
export function Listing({ timeline, perEpoch, at }: Omit<ScheduleProps, "last">) {
  const { epoch } = useSession();
  const [listed, setListed] = useState(false);
  const step = Math.min(Math.round(at * perEpoch), timeline.length - 1);
  const pinned = timeline.columns.reduce((sum, { keyframes }) => sum + keyframes.length, 0);
  if (pinned <= timeline.columns.length) return null;
  return (
    <div className={styles.listing}>
      <Button look="quiet" aria-expanded={listed} onClick={() => setListed(!listed)}>
        {listed ? "Hide the keyframes" : "List the keyframes"}
      </Button>
      {listed && <Sheet timeline={timeline} step={step} onStep={(to) => epoch.go(to / perEpoch)} />}
    </div>
  );
}

interface ActionsProps extends Omit<ScheduleProps, "at"> {
  readonly step: number;
  readonly go: (step: number) => void;
}

const MOST_NAMES = 10;

function Actions({ timeline: { actions }, perEpoch, last, step, go }: ActionsProps) {
  return (
    <div className={styles.line}>
      <span className={styles.column}>
        <span className={styles.columnName}>actions</span>
      </span>
      <div className={styles.actions}>
        {actions.map((action, index) => (
          <button
            key={`${action.step} ${index}`}
            type="button"
            tabIndex={-1}
            aria-hidden="true"
            className={styles.action}
            data-done={action.step <= step || undefined}
            style={{ left: `${(action.step / perEpoch / last) * 100}%` }}
            title={`Step ${count(action.step)}: ${action.name}`}
            onClick={() => go(action.step)}
          >
            {actions.length <= MOST_NAMES && action.name}
          </button>
        ))}
      </div>
    </div>
  );
}

interface AxisProps {
  readonly last: number;
  /** Updates in an epoch; null while that is not known. */
  readonly perEpoch: number | null;
}

const STEP_MARKS = [1, 2, 5];

/** Epochs below the curves, and the steps that they are. */
export function EpochAxis({ last, perEpoch }: AxisProps) {
  return (
    <>
      <Marks name="epoch" marks={ticks(last)} last={last} />
      {perEpoch !== null && perEpoch > 1 && <Marks name="step" marks={stepMarks(last * perEpoch)} last={last * perEpoch} />}
    </>
  );
}

function Marks({ name, marks, last }: { readonly name: string; readonly marks: readonly number[]; readonly last: number }) {
  return (
    <div className={styles.axis} aria-hidden="true">
      <i>{name}</i>
      {marks.map((mark) => (
        <span key={mark} style={{ left: `${(mark / last) * 100}%` }}>
          {count(mark)}
        </span>
      ))}
    </div>
  );
}

/** Round steps, about six of them. */
function stepMarks(last: number): readonly number[] {
  const rough = last / 6;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const size = Math.max(1, (STEP_MARKS.find((mark) => mark * power >= rough) ?? 10) * power);
  return Array.from({ length: Math.floor(last / size) + 1 }, (_, at) => at * size);
}
