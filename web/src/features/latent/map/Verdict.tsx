import { cx } from "@/ui/cx";
import type { Level, Verdict } from "@/lib/latent/trustWords";
import styles from "./Verdict.module.css";

/** The frame around a decoded picture: by its color and its line it says how far to trust it. */
export function frameClass(level: Level): string {
  return cx(styles.frame, styles[level]);
}

/** How far to trust it, in words. */
export function VerdictWords({ verdict: { level, words, because } }: { readonly verdict: Verdict }) {
  return (
    <p className={cx(styles.words, styles[level])}>
      <b>{words}</b>
      {because && <span>{because}</span>}
    </p>
  );
}
