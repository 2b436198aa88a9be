import type { Latents } from "@/lib/latents";
import type { Ink } from "@/lib/pointColors";
import styles from "./pairs.module.css";

interface ReadoutProps {
  readonly latents: Latents;
  readonly lit: number | null;
  readonly ink: Ink;
  readonly own: boolean;
}

/** The point under the pointer, with all its dimensions; else what the pictures show. */
export function Readout({ latents, lit, ink, own }: ReadoutProps) {
  if (lit === null) {
    return <p className={styles.readout}>Dashed: the unit circle. {own ? "Each point has its own color." : latents.labels ? "Colors are those of the labels." : null}</p>;
  }
  const { z, dims, ids } = latents;
  const code = Array.from(z.subarray(lit * dims, (lit + 1) * dims));
  return (
    <p className={styles.readout} role="status">
      <span className={styles.swatch} style={{ background: ink.fill[lit] }} />
      <b>#{ids[lit]}</b>
      {own && <span>{ink.fill[lit]}</span>}
      <span>z = ({code.slice(0, MOST).map(short).join(", ")}{dims > MOST && ", …"})</span>
      <span>length {Math.hypot(...code).toFixed(2)}</span>
    </p>
  );
}

const MOST = 8;

function short(value: number): string {
  return value.toFixed(2).replace("-", "−");
}
