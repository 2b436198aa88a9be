"use client";
import { useMemo, type CSSProperties } from "react";
import { PairPlot } from "@/charts/points/PairPlot";
import { useSession } from "@/features/session/RunSession";
import { count } from "@/lib/format";
import { throughPair, type Pair } from "@/lib/latents";
import type { Moment } from "@/lib/moments";
import type { Ink } from "@/lib/pointColors";
import styles from "./pairs.module.css";
import type { Still } from "./useFilm";

interface HistoryProps {
  readonly earlier: readonly Still[];
  readonly pair: Pair;
  readonly ink: Ink;
  readonly reach: number;
  readonly theme: string;
  readonly now: Moment;
}

const MOST_ACROSS = 12;

/** Earlier moments through the first pair, more of the beginning; a click goes there. */
export function History({ earlier, pair, now, ...rest }: HistoryProps) {
  const { epoch } = useSession();
  if (earlier.length === 0) return null;
  return (
    <ol className={styles.history} aria-label="Earlier moments" style={{ "--count": Math.min(MOST_ACROSS, earlier.length) } as CSSProperties}>
      {earlier.map((still) => {
        const { step, at } = still.moment;
        return (
          <li key={step}>
            <button type="button" className={styles.earlier} aria-current={step === now.step || undefined} title={`Go to step ${count(step)}`} onClick={() => epoch.go(at)}>
              <Small still={still} pair={pair} {...rest} />
              <span>{count(step)}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

interface SmallProps extends Pick<HistoryProps, "pair" | "ink" | "reach" | "theme"> {
  readonly still: Still;
}

function Small({ still, pair, ...rest }: SmallProps) {
  const points = useMemo(() => throughPair(still.latents, pair), [still, pair]);
  return <PairPlot label="" points={points} {...rest} />;
}
