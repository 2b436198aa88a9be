"use client";
import { useArtifact } from "@/features/session/useArtifact";
import { steady } from "@/lib/format";
import type { Anatomy } from "@/lib/latent/anatomy";
import { parseReconstructions } from "@/lib/reconstructions";
import { useLatent } from "../../latent";
import { Recorded } from "../../Recorded";
import { Thumb } from "../../Thumb";
import type { PanelProps, PanelSpec } from "../panel";
import { Decoded } from "./Decoded";
import styles from "../Side.module.css";

export const pictures: PanelSpec = { id: "pictures", about: "point", needs: {}, Component: Pictures };

const SIZE = 64;
const ROWS = ["output", "error"] as const;

/** The example, and what the model makes of it. */
function Pictures({ id }: PanelProps) {
  const { sheet, anatomy, epoch } = useLatent();
  const grid = useArtifact("reconstructions", epoch, parseReconstructions);
  const recorded = grid.state !== "ready" || grid.data?.datasetIdx.includes(id);
  const place = anatomy.data?.ids.indexOf(id) ?? -1;
  const total = anatomy.data?.total?.[place];
  return (
    <section className={styles.block} aria-label="The example">
      <div className={styles.pictures}>
        <figure className={styles.picture}>
          <Thumb sheet={sheet} id={id} size={SIZE} alt={`Example ${id}`} />
          <figcaption>Input</figcaption>
        </figure>
        {recorded ? <Recorded id={id} rows={ROWS} size={SIZE} /> : <Decoded id={id} size={SIZE} />}
        {total !== undefined && (
          <p className={styles.total}>
            <b>{steady(total)}</b>
            {words(anatomy.data?.units)}
          </p>
        )}
      </div>
    </section>
  );
}

/** A total has the unit of its terms only where they share one. */
function words(units: Anatomy["units"] | undefined): string {
  return units && units.reconstruction === units.kl ? `${units.kl} in total` : "objective";
}
