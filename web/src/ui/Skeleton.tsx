import type { CSSProperties } from "react";
import styles from "./Skeleton.module.css";

interface SkeletonProps {
  readonly width?: CSSProperties["width"];
  readonly height?: CSSProperties["height"];
  /** What is on its way, for those who do not see it. */
  readonly label?: string;
}

/** The shape of what will come. */
export function Skeleton({ width = "100%", height = 12, label }: SkeletonProps) {
  return (
    <span className={styles.skeleton} style={{ width, height }} role={label ? "status" : undefined} aria-label={label} />
  );
}
