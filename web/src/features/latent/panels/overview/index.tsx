"use client";
import { Bars } from "@/charts/Bars";
import { useArtifact } from "@/features/session/useArtifact";
import { count, percent } from "@/lib/format";
import { parseScores } from "@/lib/scores";
import { Faithfulness } from "./Faithfulness";
import { useLatent } from "../../latent";
import { Block } from "../Block";
import { activeWords, klBars } from "../klBars";
import type { PanelSpec } from "../panel";
import styles from "../Side.module.css";

export const overview: PanelSpec = { id: "overview", about: "map", needs: {}, Component: Overview };

/** What there is to say of the whole map, and how to go into it. */
function Overview() {
  const { map, anatomy, epoch } = useLatent();
  const { data: scores } = useArtifact("scores", epoch, parseScores);
  const explained = map.data?.explained;
  const mean = anatomy.data?.meanKl;
  return (
    <>
      <section className={styles.block} aria-label="What to do">
        <p className={styles.invite}>
          Hover a point to see it, click it to take it apart. <kbd>/</kbd> finds one by its index, <kbd>L</kbd> draws a lasso around some,{" "}
          <kbd>Esc</kbd> goes back.
        </p>
      </section>
      {scores && scores.scores.length > 0 && (
        <Block title="Scores" aside={`epoch ${scores.receipt.epoch ?? epoch}`}>
          <Bars label="Scores" full={1} names={166} bars={scores.scores.map(({ key, label, value }) => ({ id: key, label, value, text: value.toFixed(3) }))} />
        </Block>
      )}
      <Faithfulness />
      {explained && (
        <Block title="Variance on each axis" aside={`of ${count(map.data?.ids.length ?? 0)} points`}>
          <Bars label="Variance on each axis" full={1} names={34} bars={Array.from(explained, (share, axis) => ({ id: axis, label: "xyz"[axis], value: share, text: percent(share) }))} />
        </Block>
      )}
      {mean && (
        <Block title="KL of each dimension" aside={`mean, ${anatomy.data?.units.kl ?? ""}`}>
          <Bars label="Mean KL of each latent dimension" bars={klBars(mean, anatomy.data?.active?.units)} tone="accent" names={34} />
          {anatomy.data?.active && <p className={styles.said}>{activeWords(anatomy.data.active.units)}</p>}
        </Block>
      )}
    </>
  );
}
