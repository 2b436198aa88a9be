"use client";
import { Select } from "@/ui/Select";
import styles from "./samples.module.css";

export const COUNTS = [8, 16, 32, 64] as const;

/** How many to draw, and with which seed; null lets the seed follow from the run and from what is drawn. */
export interface Draw {
  readonly m: number;
  readonly seed: number | null;
}

export const FIRST_DRAW: Draw = { m: 16, seed: null };

/** Keys and options of a draw, as the server takes them. */
export function drawKeys({ m, seed }: Draw): { readonly m: number; readonly seed?: number } {
  return seed === null ? { m } : { m, seed };
}

interface DrawControlsProps {
  readonly draw: Draw;
  readonly what: string;
  readonly onDraw: (draw: Draw) => void;
}

/** The number of samples, and another draw of them. */
export function DrawControls({ draw, what, onDraw }: DrawControlsProps) {
  return (
    <div className={styles.controls}>
      <Select
        className={styles.count}
        label={`How many ${what}`}
        value={String(draw.m)}
        options={COUNTS.map((m) => ({ value: String(m), label: String(m) }))}
        onChange={(m) => onDraw({ ...draw, m: Number(m) })}
      />
      <button type="button" className={styles.link} title="Draws others, with the next seed" onClick={() => onDraw({ ...draw, seed: (draw.seed ?? 0) + 1 })}>
        Draw again
      </button>
      {draw.seed !== null && (
        <button type="button" className={styles.link} title="Back to the first draw" onClick={() => onDraw({ ...draw, seed: null })}>
          First draw
        </button>
      )}
      {draw.seed !== null && <span className={styles.seed}>seed {draw.seed}</span>}
    </div>
  );
}
