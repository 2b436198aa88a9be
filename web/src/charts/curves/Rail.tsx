import { useMemo } from "react";
import styles from "./curves.module.css";

interface RailProps {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
  /** Steps that the width stands for. */
  readonly length: number;
}

const WIDTH = 1000;
const HEIGHT = 16;

/** One column of the schedule, as a line with the ground below it shaded. */
export function Rail({ steps, values, length }: RailProps) {
  const line = useMemo(() => railPath(steps, values, length), [steps, values, length]);
  return (
    <svg className={styles.rail} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {line && <path d={`${line}V${HEIGHT}H0Z`} fill="var(--shade)" />}
      <path d={line} fill="none" stroke="var(--text-2)" strokeWidth="1.2" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

/** A constant is a line at the top, or at the bottom if it is 0. */
export function railPath(steps: readonly number[], values: readonly (number | null)[], length: number): string {
  const finite = values.filter((value): value is number => value !== null);
  const high = Math.max(...finite, 0);
  const low = Math.min(...finite, 0);
  const span = high - low || 1;
  const points = steps.flatMap((step, at) => {
    const value = values[at];
    if (value === null || value === undefined) return [];
    const y = HEIGHT - 2 - ((value - low) / span) * (HEIGHT - 4);
    return [`${((step / Math.max(1, length)) * WIDTH).toFixed(1)} ${y.toFixed(2)}`];
  });
  return points.length ? `M${points.join("L")}H${WIDTH}` : "";
}
