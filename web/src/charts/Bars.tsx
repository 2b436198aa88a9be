import type { CSSProperties, ReactNode } from "react";
import styles from "./Bars.module.css";

export interface Bar {
  readonly id: string | number;
  readonly label: ReactNode;
  readonly value: number;
  readonly text: string;
  /** A color of its own; else that of the tone. */
  readonly color?: string;
}

interface BarsProps {
  readonly label: string;
  readonly bars: readonly Bar[];
  /** The value of a bar of full length; the largest when left out. */
  readonly full?: number;
  readonly tone?: "plain" | "accent";
  /** Width of the names, in pixels. */
  readonly names?: number;
}

/** Horizontal bars with the name before and the number after. */
export function Bars({ label, bars, full, tone = "plain", names = 88 }: BarsProps) {
  const most = full ?? Math.max(...bars.map(({ value }) => Math.abs(value)), 1e-12);
  return (
    <ul className={styles.bars} aria-label={label} data-tone={tone} style={{ "--names": `${names}px` } as CSSProperties}>
      {bars.map(({ id, label: name, value, text, color }) => (
        <li key={id} className={styles.bar}>
          <span className={styles.name}>{name}</span>
          <span className={styles.track}>
            <span className={styles.fill} style={{ width: `${Math.min(1, Math.max(0, Math.abs(value) / most)) * 100}%`, background: color }} />
          </span>
          <span className={styles.value}>{text}</span>
        </li>
      ))}
    </ul>
  );
}
