import { memo, type PointerEvent, type ReactNode } from "react";
import type { Theme } from "@/lib/ramp";
import { heatStyle } from "./Heat";
import styles from "./Ribbon.module.css";

interface RibbonProps {
  readonly label: string;
  readonly theme: Theme;
  readonly rows: readonly ReactNode[];
  /** Where each column of values is, rising; in epochs. */
  readonly places: readonly number[];
  /** A column of values, 0 to 1, for each of `places`. */
  readonly values: readonly (readonly number[])[];
  /** Where the width ends, and where the playhead stands. */
  readonly last: number;
  readonly at: number;
  /** A number after each row: the value at the playhead. */
  readonly beside: readonly string[];
  readonly onPlace: (place: number) => void;
}

/** Values over the epochs, in shades, a row for each of several; the playhead across all. */
export function Ribbon({ label, theme, rows, places, values, last, at, beside, onPlace }: RibbonProps) {
  const move = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    onPlace(((event.clientX - box.left) / box.width) * last);
  };
  return (
    <div className={styles.ribbon} role="group" aria-label={label}>
      <ol className={styles.names}>
        {rows.map((name, row) => (
          <li key={row}>{name}</li>
        ))}
      </ol>
      <div
        className={styles.field}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          move(event);
        }}
        onPointerMove={(event) => event.buttons & 1 && move(event)}
      >
        <Cells {...{ theme, places, values, last }} rows={rows.length} />
        <span className={styles.cursor} style={{ left: `${(Math.min(at, last) / last) * 100}%` }} />
      </div>
      <ol className={styles.values}>
        {beside.map((text, row) => (
          <li key={row}>{text}</li>
        ))}
      </ol>
    </div>
  );
}

const Cells = memo(function Cells({ theme, places, values, last, rows }: Pick<RibbonProps, "theme" | "places" | "values" | "last"> & { readonly rows: number }) {
  const edges = edgesOf(places, last);
  return (
    <svg className={styles.cells} viewBox={`0 0 1000 ${rows}`} preserveAspectRatio="none" aria-hidden="true">
      {values.map((column, index) => {
        const [from = 0, to = 0] = [edges[index], edges[index + 1]];
        const place = { x: (from / last) * 1000, width: ((to - from) / last) * 1000 + 0.5 };
        return column.map((value, row) => <rect key={`${index} ${row}`} {...place} y={row + 0.05} height={0.9} fill={heatStyle(theme, value).background} />);
      })}
    </svg>
  );
});

/** Cells meet half way between places; the outermost reach as far beyond theirs, but not beyond the picture. */
function edgesOf(places: readonly number[], last: number): readonly number[] {
  const [first, end] = [places[0] ?? 0, places.at(-1) ?? 0];
  const half = places.length > 1 ? (end - first) / (places.length - 1) / 2 : 0.5;
  const inner = places.slice(1).map((place, index) => (place + (places[index] as number)) / 2);
  return [Math.max(0, first - half), ...inner, Math.min(last, end + half)];
}
