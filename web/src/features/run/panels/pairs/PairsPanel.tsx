"use client";
import { useMemo, useState } from "react";
import type { RunDetail } from "@/api/runs";
import { PairPlot } from "@/charts/points/PairPlot";
import { Receipt } from "@/features/session/Receipt";
import { useDetail, useEpoch } from "@/features/session/RunSession";
import { useTheme } from "@/features/session/ThemeToggle";
import { checkpointsOf } from "@/lib/computable";
import { getAt } from "@/lib/config";
import { count } from "@/lib/format";
import { reachOf, throughPair, type Latents, type Pair } from "@/lib/latents";
import { momentAt, type Moment } from "@/lib/moments";
import type { Ink } from "@/lib/pointColors";
import { chosenFrames, pairsOf, progressionOf } from "@/lib/progressions";
import type { Receipt as ReceiptData } from "@/lib/receipt";
import { Section } from "@/ui/Section";
import { PanelState } from "../PanelState";
import { History } from "./History";
import styles from "./pairs.module.css";
import { Readout } from "./Readout";
import { useAhead, useStill, useStills, type Still } from "./useFilm";
import { useInk, useOwnColors, useSamePoints } from "./useInk";
import { KIND, useMoments } from "./useMoments";

export const SETTING = "analysis.pairs.dimensions";

/** Latents through the pairs of dimensions that the run names, at the scrubber's moment and at earlier ones. */
export function PairsPanel() {
  const detail = useDetail();
  const settings = getAt(detail?.config, "analysis.pairs");
  const [{ at }] = useEpoch();
  const moments = useMoments();
  const pairs = useMemo(() => pairsOf(settings), [settings]);
  const shown = useMemo(() => {
    return chosenFrames(progressionOf(settings), moments.length).flatMap((place) => moments[place] ?? []);
  }, [settings, moments]);
  const current = momentAt(moments, at);
  const { still, problem } = useStill(current);
  const earlier = useStills(shown);
  const last = useStill(moments.at(-1) ?? null).still;
  useAhead(moments, current);
  const points = useSamePoints(still?.latents ?? null);
  const own = useOwnColors();
  const ink = useInk(points?.ids ?? null, points?.labels ?? null, own);
  const scale = useMemo(() => reachOf([...earlier, ...(last ? [last] : [])].map(({ latents }) => latents), pairs), [earlier, last, pairs]);
  const receipt = still && receiptOf(still.moment, detail);
  const aside = still && receipt && (
    <>
      <span>
        {count(still.latents.ids.length)} points, step {count(still.moment.step)}
      </span>
      <Receipt kind={KIND} epoch={still.moment.epoch} receipt={receipt} tensors keys={still.moment.inside ? { epoch: still.moment.epoch, step: still.moment.step } : undefined} />
    </>
  );
  return (
    <Section title="Dimension pairs" aside={aside}>
      {still && ink && pairs.length > 0 ? (
        <Plots still={still} pairs={pairs} ink={ink} reach={scale} earlier={earlier} own={own !== null} />
      ) : (
        <PanelState what="latents" height={320} loaded={{ data: null, epoch: null, problem, state: problem ? "failed" : moments.length ? "loading" : "none" }} />
      )}
    </Section>
  );
}

/** Tensors carry no receipt of their own: it is put together from what the run says. */
function receiptOf({ epoch, step, inside }: Moment, detail: RunDetail | null): ReceiptData {
  const seed = getAt(detail?.config, "seed");
  const kept = !inside && checkpointsOf(detail).includes(epoch);
  return { epoch, step, seed: typeof seed === "number" ? seed : null, checkpoint: kept ? `that of epoch ${epoch}` : null, computeMs: null };
}

interface PlotsProps {
  readonly still: Still;
  readonly pairs: readonly Pair[];
  readonly ink: Ink;
  readonly reach: number;
  readonly earlier: readonly Still[];
  /** Whether points are drawn in their own color. */
  readonly own: boolean;
}

function Plots({ still, pairs, ink, reach, earlier, own }: PlotsProps) {
  const theme = useTheme();
  const [lit, setLit] = useState<number | null>(null);
  const first = pairs[0] as Pair;
  const seen = lit !== null && lit < still.latents.ids.length ? lit : null;
  return (
    <>
      <div className={styles.plots} data-few={pairs.length < 3 || undefined}>
        {pairs.map((pair) => (
          <Large key={pair.join()} pair={pair} latents={still.latents} {...{ ink, reach, theme, lit: seen, onLit: setLit }} />
        ))}
      </div>
      <Readout latents={still.latents} lit={seen} ink={ink} own={own} />
      <History {...{ earlier, pair: first, ink, reach, theme, now: still.moment }} />
    </>
  );
}

interface LargeProps {
  readonly pair: Pair;
  readonly latents: Latents;
  readonly ink: Ink;
  readonly reach: number;
  readonly theme: string;
  readonly lit: number | null;
  readonly onLit: (at: number | null) => void;
}

function Large({ pair, latents, ...rest }: LargeProps) {
  const points = useMemo(() => throughPair(latents, pair), [latents, pair]);
  const [across, up] = pair;
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.axes}>
        <b>z[{across}]</b> across, <b>z[{up}]</b> up
      </figcaption>
      <PairPlot label={`Latents, dimension ${across} across and ${up} up`} points={points} {...rest} />
    </figure>
  );
}
