import { useMemo } from "react";
import { compact, count } from "@/lib/format";
import type { Column, Keyframe } from "@/lib/timeline";
import styles from "./curves.module.css";

interface RailProps {
  readonly column: Column;
  /** Steps at which the column's values are. */
  readonly steps: readonly number[];
  /** Steps that the width stands for. */
  readonly length: number;
  /** The step at which the playhead stands; a keyframe there is marked. */
  readonly step: number;
  /** A keyframe was clicked. */
  readonly onStep: (step: number) => void;
}

const WIDTH = 1000;
const HEIGHT = 16;
const PAD = 2;

/** One column of the schedule: a line with the ground below it shaded, and a diamond at each keyframe. */
export function Rail({ column, steps, length, step, onStep }: RailProps) {
  const scale = useMemo(() => heightsOf(column), [column]);
  const line = useMemo(() => railPath(steps, column.values, length, scale), [steps, column, length, scale]);
  // A column that is pinned once, at the beginning, only stays what it is.
  const moves = column.keyframes.length > 1 || (column.keyframes[0]?.step ?? 0) > 0;
  return (
    <div className={styles.track}>
      <svg className={styles.rail} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {line && <path d={`${line}V${HEIGHT}H0Z`} fill="var(--shade)" />}
        <path d={line} fill="none" stroke={moves ? "var(--text-2)" : "var(--line-strong)"} strokeWidth="1.2" vectorEffect="non-scaling-stroke" />
      </svg>
      {moves && column.keyframes.map((frame) => <Diamond key={frame.step} {...{ frame, column, length, scale, onStep }} on={frame.step === step} />)}
    </div>
  );
}

interface DiamondProps {
  readonly frame: Keyframe;
  readonly column: Column;
  readonly length: number;
  readonly scale: (value: number) => number;
  readonly on: boolean;
  readonly onStep: (step: number) => void;
}

function Diamond({ frame, column, length, scale, on, onStep }: DiamondProps) {
  const { step, value } = frame;
  const place = { left: `${(step / Math.max(1, length)) * 100}%`, top: scale(value) };
  const way = column.keyframes.at(-1)?.step === step ? "" : `, then ${column.timing}${column.space === "log" ? " in log space" : ""}`;
  const words = `Step ${count(step)}: ${compact(value)}${way}`;
  // For the mouse: the list of keyframes has the same for the keyboard.
  return <button type="button" tabIndex={-1} aria-hidden="true" className={styles.diamond} data-on={on || undefined} style={place} title={words} onClick={() => onStep(step)} />;
}

/** Where a value is drawn, in pixels from the top. A constant is a line at the top, or at the bottom if it is 0. */
export function heightsOf({ values, keyframes, space }: Column): (value: number) => number {
  const known = [...values, ...keyframes.map(({ value }) => value)].filter((value): value is number => value !== null);
  const log = space === "log" && known.length > 0 && Math.min(...known) > 0 && Math.min(...known) < Math.max(...known);
  const bend = log ? Math.log : (value: number) => value;
  const bent = known.map(bend);
  const [low, high] = log ? [Math.min(...bent), Math.max(...bent)] : [Math.min(...bent, 0), Math.max(...bent, 0)];
  const span = high - low || 1;
  return (value) => HEIGHT - PAD - ((bend(value) - low) / span) * (HEIGHT - 2 * PAD);
}

function railPath(steps: readonly number[], values: readonly (number | null)[], length: number, scale: (value: number) => number): string {
  const across = Math.max(1, length);
  const points = steps.flatMap((step, at) => {
    const value = values[at];
    return value === null || value === undefined ? [] : [`${((step / across) * WIDTH).toFixed(1)} ${scale(value).toFixed(2)}`];
  });
  const end = ((steps.at(-1) ?? 0) + 1) / across;
  return points.length ? `M${points.join("L")}H${(Math.min(1, end) * WIDTH).toFixed(1)}` : "";
}
