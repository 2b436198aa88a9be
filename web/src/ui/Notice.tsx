import type { ReactNode } from "react";
import styles from "./Notice.module.css";

interface NoticeProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  readonly tone?: "plain" | "error";
  /** Small, inside a panel; else in the middle of a page. */
  readonly compact?: boolean;
}

/** Says why there is nothing here, and what to do: for empty, missing and failed. */
export function Notice({ title, children, actions, tone = "plain", compact = false }: NoticeProps) {
  return (
    <div className={compact ? styles.compact : styles.notice} data-tone={tone} role={tone === "error" ? "alert" : undefined}>
      <p className={styles.title}>{title}</p>
      {children && <div className={styles.text}>{children}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
