import type { ReactNode } from "react";
import { sequential, type Theme } from "@/lib/ramp";
import { css, luminance, parseHex, type Rgb } from "@/lib/rgb";
import styles from "./Heat.module.css";

interface HeatProps {
  readonly label: string;
  readonly theme: Theme;
  readonly rows: readonly string[];
  readonly columns: readonly ReactNode[];
  /** A row of values for each of `rows`; null for what is not known. */
  readonly values: readonly (readonly (number | null)[])[];
  /** The value of the strongest color. */
  readonly top: number;
  /** A number after each row, as text, and what it is. */
  readonly beside?: { readonly label: string; readonly texts: readonly string[] } | null;
  /** What a cell says when it is pointed at. */
  readonly wordsOf: (row: number, column: number) => string;
}

const MOST_NUMBERS = 12;

/** A matrix in shades; of few columns with its numbers. */
export function Heat({ label, theme, rows, columns, values, top, beside = null, wordsOf }: HeatProps) {
  const numbered = columns.length <= MOST_NUMBERS;
  return (
    <table className={styles.heat} aria-label={label} data-fine={!numbered || undefined}>
      <thead>
        <tr>
          <td />
          {columns.map((name, column) => (
            <th key={column} scope="col">{numbered && name}</th>
          ))}
          {beside && <th scope="col" className={styles.beside}>{beside.label}</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map((name, row) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {columns.map((_, column) => (
              <Cell key={column} value={values[row]?.[column] ?? null} {...{ theme, top, numbered }} words={wordsOf(row, column)} />
            ))}
            {beside && <td className={styles.beside}>{beside.texts[row]}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface CellProps extends Pick<HeatProps, "theme" | "top"> {
  readonly value: number | null;
  readonly numbered: boolean;
  readonly words: string;
}

function Cell({ value, theme, top, numbered, words }: CellProps) {
  if (value === null) return <td className={`${styles.cell} ${styles.unknown}`} title={words} />;
  return (
    <td className={styles.cell} style={heatStyle(theme, value / top)} title={words}>
      {numbered && short(value)}
    </td>
  );
}

const GROUND: Readonly<Record<Theme, Rgb>> = { dark: parseHex("#14171b"), light: parseHex("#ffffff") };
/** Above this luminance black reads better than white. */
const MIDDLE = 0.179;

/** Ground and ink of a share, 0 to 1; what is nothing is almost the ground of the page. */
export function heatStyle(theme: Theme, share: number): { readonly background: string; readonly color: string } {
  const kept = Math.max(0, Math.min(1, share));
  const opacity = Math.min(1, 0.1 + kept * 2.4);
  const [from, to] = [GROUND[theme], sequential(theme, kept)];
  const mixed = from.map((channel, at) => Math.round(channel + ((to[at] as number) - channel) * opacity)) as unknown as Rgb;
  return { background: css(mixed), color: luminance(mixed) > MIDDLE ? "#101316" : "#ffffff" };
}

/** Two digits where there is room for no more: .93, 1.0. */
function short(value: number): string {
  const text = Math.abs(value) >= 9.95 ? value.toFixed(0) : Math.abs(value) >= 0.995 ? value.toFixed(1) : value.toFixed(2);
  return text.replace(/^(-?)0\./, "$1.").replace("-", "−");
}
