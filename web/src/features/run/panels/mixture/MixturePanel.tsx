"use client";
import { Receipt } from "@/features/session/Receipt";
import { useEpoch } from "@/features/session/RunSession";
import { useArtifact } from "@/features/session/useArtifact";
import { count, percent } from "@/lib/format";
import { parseMixture, type MixtureHealth } from "@/lib/mixture";
import { Section } from "@/ui/Section";
import { PanelState } from "../PanelState";
import styles from "./mixture.module.css";

export function MixturePanel() {
  const [{ epoch }] = useEpoch();
  const health = useArtifact("mixture_health", epoch, parseMixture);
  const aside = health.data && (
    <>
      <span>
        <b className={styles.effective}>{health.data.effective?.toFixed(1) ?? "–"}</b> of {health.data.weights.length} effective
      </span>
      <Receipt kind="mixture_health" epoch={health.epoch} receipt={health.data.receipt} />
    </>
  );
  return (
    <Section title="Mixture health" aside={aside}>
      {health.data ? <Bars health={health.data} /> : <PanelState loaded={health} what="mixture health" height={120} />}
    </Section>
  );
}

/** Bars of the components' weights; those that do nearly nothing are marked. */
function Bars({ health }: { readonly health: MixtureHealth }) {
  const top = Math.max(...health.weights, 1e-9);
  const few = health.weights.length <= 16;
  const small = 0.5 / health.weights.length;
  return (
    <>
      <ol className={styles.bars} data-few={few || undefined} aria-label="Weight of each component">
        {health.weights.map((weight, component) => {
          const points = health.counts[component] ?? 0;
          const weak = weight < small || health.dead.includes(component);
          return (
            <li key={component} className={styles.bar} title={`Component ${component}: weight ${(weight * 100).toFixed(2)}%, ${count(points)} points`}>
              {few && <span className={styles.share}>{percent(weight)}</span>}
              <span className={styles.column} data-weak={weak || undefined} style={{ height: `${Math.max(1, (weight / top) * 64)}px` }} />
              {few && <span className={styles.name}>{component}</span>}
              {few && <span className={styles.points}>{count(points)}</span>}
            </li>
          );
        })}
      </ol>
      <p className={styles.words}>
        {health.dead.length > 0
          ? `${health.dead.length === 1 ? "Component" : "Components"} ${health.dead.join(", ")} ${health.dead.length === 1 ? "holds" : "hold"} no point.`
          : "Every component holds points."}{" "}
        Below each: points that it holds.
      </p>
    </>
  );
}
