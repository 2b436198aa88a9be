"use client";
import type { ReactNode } from "react";
import { Receipt } from "@/features/session/Receipt";
import { useRun } from "@/features/session/RunSession";
import type { Receipt as ReceiptData } from "@/lib/receipt";
import { scaleGradient, type Scale } from "@/lib/latent/scales";
import { nearestEpoch } from "@/lib/runState";
import { Make } from "../computing/Make";
import { useMakeable } from "../computing/useMaking";
import type { LoadedFrame } from "../data/useFrame";
import { useLatent } from "../latent";
import styles from "./GroundLegend.module.css";

/** What the colors of a ground mean. */
export interface Meaning {
  readonly low: string;
  readonly unit: string;
  readonly high: string;
  /** A sentence or two; empty where the name says it all. */
  readonly words: string;
}

interface GroundLegendProps {
  readonly what: string;
  /** Kind of artifact, without the method of the map. */
  readonly kind: string;
  readonly loaded: LoadedFrame<{ readonly receipt: ReceiptData }>;
  readonly scale: Scale | null;
  readonly meaning: Meaning | null;
  readonly children?: ReactNode;
}

/** In a corner of the map: what its ground is, of which epoch, and how to have it for this one. */
export function GroundLegend({ what, kind, loaded, scale, meaning, children }: GroundLegendProps) {
  const { view, epoch } = useLatent();
  const full = `${kind}_${view.method}`;
  const shown = useShownEpoch(loaded.epoch);
  return (
    <section className={styles.legend} aria-label={what} data-legend={kind} data-epoch={loaded.epoch ?? undefined}>
      <header className={styles.head}>
        <h2>{what}</h2>
        {loaded.data && loaded.epoch !== null && <Receipt kind={full} epoch={loaded.epoch} receipt={loaded.data.receipt} />}
      </header>
      {scale && meaning && (
        <>
          <div className={styles.ramp} style={{ background: scaleGradient(scale) }} aria-hidden="true" />
          <div className={styles.ends}>
            <span>{meaning.low}</span>
            <span>{meaning.unit}</span>
            <span>{meaning.high}</span>
          </div>
        </>
      )}
      {meaning?.words && <p className={styles.hint}>{meaning.words}</p>}
      {children}
      {loaded.problem && (
        <p className={styles.hint} role="alert">
          {loaded.problem.what} {loaded.problem.remedy}
        </p>
      )}
      <OlderEpoch kind={full} loaded={loaded} shown={shown} epoch={epoch} />
    </section>
  );
}

/** The epoch of what is drawn, when it is not that of the map; null when it is. */
function useShownEpoch(of: number | null): number | null {
  const { map } = useLatent();
  return of === null || of === map.epoch ? null : of;
}

interface OlderEpochProps {
  readonly kind: string;
  readonly loaded: LoadedFrame<unknown>;
  readonly shown: number | null;
  readonly epoch: number;
}

/** Says that what is drawn is of an earlier epoch, and offers to make it for this one. */
function OlderEpoch({ kind, loaded, shown, epoch }: OlderEpochProps) {
  const latest = useRun((run) => nearestEpoch(run, kind, epoch));
  const makeable = useMakeable(kind, epoch);
  const missing = loaded.state === "none";
  const canMake = makeable !== null && (latest === null || makeable > latest);
  if (!missing && shown === null) return null;
  return (
    <>
      <p className={styles.hint}>
        {missing ? `There is none up to epoch ${epoch} yet.` : <><b>Of epoch {shown}</b>, the newest up to epoch {epoch}.</>}
      </p>
      {canMake && (
        <Make kinds={[kind]} epoch={makeable} label={makeable === epoch ? "Compute for this epoch" : `Compute for epoch ${makeable}`} doing={`Computing, epoch ${makeable}`} />
      )}
    </>
  );
}
