import type { Pixel } from "@/lib/lasso";
import styles from "./Wall.module.css";

/** The stroke of the lasso while it is drawn. */
export function Stroke({ outline }: { readonly outline: readonly Pixel[] }) {
  if (outline.length < 2) return null;
  const path = outline.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
  return (
    <svg className={styles.stroke} aria-hidden="true">
      <path d={`M${path}Z`} />
    </svg>
  );
}
