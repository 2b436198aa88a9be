import { memo } from "react";
import type { Arrangement } from "@/lib/sweep/arrange";
import styles from "./Wall.module.css";

/** What stands beside the lines of tiles, and above the columns of a grid. */
export const Headings = memo(function Headings({ spread }: { readonly spread: Arrangement }) {
  return spread.headings.map(({ text, count, left, top, width, kind }) => (
    <div key={`${kind} ${left} ${top}`} className={styles.heading} data-kind={kind} style={{ left, top, width }}>
      {text}
      {count !== null && <small>{count} {count === 1 ? "run" : "runs"}</small>}
    </div>
  ));
});
