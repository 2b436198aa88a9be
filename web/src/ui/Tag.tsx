import type { ReactNode } from "react";
import styles from "./Tag.module.css";
import { cx } from "./cx";

export type Tone = "plain" | "accent" | "ok" | "warn" | "error";

interface TagProps {
  readonly tone?: Tone;
  /** A dot before the words, for states. */
  readonly dot?: boolean;
  readonly title?: string;
  readonly children: ReactNode;
}

export function Tag({ tone = "plain", dot = false, title, children }: TagProps) {
  return (
    <span className={cx(styles.tag, styles[tone])} title={title}>
      {dot && <span className={styles.dot} aria-hidden="true" />}
      {children}
    </span>
  );
}
