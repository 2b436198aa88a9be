import type { ReactNode } from "react";
import styles from "./Tooltip.module.css";

/** Words that come when what they explain is hovered or focused. */
export function Tooltip({ text, children }: { readonly text: string; readonly children: ReactNode }) {
  return (
    <span className={styles.anchor}>
      {children}
      <span role="tooltip" className={styles.tip}>
        {text}
      </span>
    </span>
  );
}
