"use client";
import { useMemo } from "react";
import { Heat } from "@/charts/Heat";
import { Ribbon } from "@/charts/Ribbon";
import { Receipt } from "@/features/session/Receipt";
import { useEpoch, useRun } from "@/features/session/RunSession";
import { useTheme } from "@/features/session/ThemeToggle";
import { useArtifact } from "@/features/session/useArtifact";
import { useSeries } from "@/features/session/useSeries";
import { count, percent } from "@/lib/format";
import { axisEnd, passesOf } from "@/lib/moments";
import { parseSharing, type Sharing } from "@/lib/sharing";
import { Section } from "@/ui/Section";
import { PanelState } from "../PanelState";
import { Examples } from "./Examples";
import styles from "./sharing.module.css";

export const KIND = "shared_dimensions";

/** Which latent dimensions the halves of pairs share: over training, by the factor that changed, and pair by pair. */
export function SharingPanel() {
  const [{ epoch }] = useEpoch();
  const sharing = useArtifact(KIND, epoch, parseSharing);
  const aside = sharing.data && (
    <>
      <span>{count(sharing.data.points)} pairs, epoch {sharing.epoch}</span>
      <Receipt kind={KIND} epoch={sharing.epoch} receipt={sharing.data.receipt} />
    </>
  );
  return (
    <Section title="Shared dimensions" aside={aside}>
      {sharing.data ? (
        <div className={styles.lens}>
          <OverTraining sharing={sharing.data} />
          <ByFactor sharing={sharing.data} />
          {sharing.data.examples.length > 0 && <Examples sharing={sharing.data} />}
        </div>
      ) : (
        <PanelState loaded={sharing} what="shared dimensions" height={220} />
      )}
    </Section>
  );
}

const zOf = (d: number) => <>z<sub>{d + 1}</sub></>;

function OverTraining({ sharing }: { readonly sharing: Sharing }) {
  const theme = useTheme();
  const [{ at, newest }, store] = useEpoch();
  const planned = useRun((run) => run.totalEpochs ?? 0);
  const passes = useRun((run) => passesOf(run));
  const series = useSeries(KIND, parseSharing);
  const places = useMemo(() => series.map(({ epoch }) => epoch), [series]);
  const values = useMemo(() => series.map(({ data }) => data.apart), [series]);
  return (
    <div className={styles.part} data-part="film">
      <h3>Pairs that keep a dimension apart, over the epochs</h3>
      <Ribbon
        label="Share of the pairs that keep each dimension apart, over the epochs"
        rows={sharing.apart.map((_, d) => zOf(d))}
        beside={sharing.apart.map(percent)}
        last={axisEnd(Math.max(planned, newest, 1), passes)}
        onPlace={(place) => store.go(place)}
        {...{ theme, places, values, at }}
      />
    </div>
  );
}

function ByFactor({ sharing: { factors, apart, byFactor, pairs } }: { readonly sharing: Sharing }) {
  const theme = useTheme();
  const wordsOf = (row: number, d: number) => {
    const value = byFactor[row]?.[d] ?? null;
    return value === null ? `${factors[row]} changed in no pair` : `z${d + 1} is kept apart by ${percent(value)} of the ${count(pairs[row] ?? 0)} pairs in which ${factors[row]} changed`;
  };
  return (
    <div className={styles.part} data-part="factors">
      <h3>The same, by the factor that changed</h3>
      <Heat
        label="Share of the pairs that keep each dimension apart, by the factor that changed"
        rows={factors}
        columns={apart.map((_, d) => zOf(d))}
        values={byFactor}
        top={1}
        beside={{ label: "pairs", texts: pairs.map(count) }}
        {...{ theme, wordsOf }}
      />
      <p className={styles.said}>What pairs share is averaged; a dimension that they keep apart when one factor changes speaks of that factor.</p>
    </div>
  );
}
