"use client";
import { Bars } from "@/charts/Bars";
import { Receipt } from "@/features/session/Receipt";
import { useArtifact } from "@/features/session/useArtifact";
import { parseQuality } from "@/lib/quality";
import { useLatent } from "../../latent";
import { Block } from "../Block";
import styles from "../Side.module.css";

/** How far the neighborhoods on this map are those of the latent space. */
export function Faithfulness() {
  const { view, epoch } = useLatent();
  const quality = useArtifact("projection_quality", epoch, parseQuality);
  const map = quality.data?.maps[`${view.dims}d_${view.method}`];
  if (!quality.data || !map) return null;
  const bars = [
    { id: "trustworthiness", label: "Trustworthiness", value: map.trustworthiness },
    { id: "continuity", label: "Continuity", value: map.continuity },
  ].map((bar) => ({ ...bar, value: bar.value ?? 0, text: bar.value === null ? "–" : bar.value.toFixed(3) }));
  return (
    <Block title="Faithfulness of the map" aside={<Receipt kind="projection_quality" epoch={quality.epoch} receipt={quality.data.receipt} />}>
      <Bars label="Faithfulness of the map" full={1} names={100} bars={bars} />
      <p className={styles.said}>Of the {map.k} nearest: neighbors on the map that are neighbors in the latent space, and the other way around.</p>
    </Block>
  );
}
