import { Rail } from "@/charts/curves/Rail";
import { compact } from "@/lib/format";
import { columnWords } from "@/lib/strips";
import { ticks } from "@/lib/ticks";
import { columnAt, type Timeline } from "@/lib/timeline";
import styles from "./curves.module.css";

interface ScheduleProps {
  readonly timeline: Timeline;
  readonly perEpoch: number;
  readonly last: number;
  readonly epoch: number;
}

/** Phases by name and every column that varies, on the curves' axis. */
export function Schedule({ timeline, perEpoch, last, epoch }: ScheduleProps) {
  const step = Math.min(epoch * perEpoch, timeline.length - 1);
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
      {timeline.columns.map(({ name, values }) => (
        <div key={name} className={styles.line}>
          <span className={styles.column}>
            <span className={styles.columnName} title={name}>{columnWords(name)}</span>
            <span>{compact(columnAt(timeline, name, step), 3)}</span>
          </span>
          <div className={styles.rail}>
            <Rail steps={timeline.steps} values={values} length={last * perEpoch} />
          </div>
        </div>
      ))}
    </div>
  );
}

export function EpochAxis({ last }: { readonly last: number }) {
  return (
    <div className={styles.axis} aria-hidden="true">
      {ticks(last).map((tick) => (
        <span key={tick} style={{ left: `${(tick / last) * 100}%` }}>
          {tick}
        </span>
      ))}
    </div>
  );
}
