"use client";
import { Bars, type Bar } from "@/charts/Bars";
import { steady } from "@/lib/format";
import { rowOf } from "@/lib/latent/columns";
import type { Anatomy } from "@/lib/latent/anatomy";
import { useLatent } from "../../latent";
import { Block, Waiting } from "../Block";
import { activeWords, klBars } from "../klBars";
import type { PanelProps, PanelSpec } from "../panel";
import styles from "../Side.module.css";

export const anatomy: PanelSpec = { id: "anatomy", about: "point", needs: { artifact: "anatomy" }, Component: AnatomyPanel };

/** What the objective of this point is made of. */
function AnatomyPanel({ id }: PanelProps) {
  const { anatomy: loaded } = useLatent();
  const at = loaded.data?.ids.indexOf(id) ?? -1;
  return (
    <Block title="Anatomy of the loss" aside={loaded.data && unitWords(loaded.data.units)}>
      {loaded.data && at >= 0 ? <Terms anatomy={loaded.data} at={at} /> : <Waiting frame={loaded} what="anatomy" height={180} />}
    </Block>
  );
}

function Terms({ anatomy: { reconstruction, kl, klCategorical, active }, at }: { readonly anatomy: Anatomy; readonly at: number }) {
  const dims = kl ? rowOf(kl, at) : null;
  const sum = dims?.reduce((total, value) => total + value, 0);
  const terms: Bar[] = [];
  const add = (label: string, value: number | undefined) => {
    if (value !== undefined) terms.push({ id: label, label, value, text: steady(value) });
  };
  add("Reconstruction", reconstruction?.[at]);
  add(`KL, ${dims?.length ?? 0} dims`, sum);
  add("KL of q(c|x)", klCategorical?.[at]);
  return (
    <>
      <Bars label="Terms of the objective" bars={terms} names={92} />
      {dims && (
        <>
          <div className={styles.gap} />
          <Bars label="KL of each latent dimension" bars={klBars(dims, active?.units)} tone="accent" names={34} />
          {active && <p className={styles.said}>{activeWords(active.units)}</p>}
        </>
      )}
    </>
  );
}

function unitWords({ reconstruction, kl }: Anatomy["units"]): string {
  return reconstruction === kl ? kl : `KL in ${kl}`;
}
