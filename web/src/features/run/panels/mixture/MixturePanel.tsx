"use client";
import { useState } from "react";
import { ComponentSamples } from "@/features/mixture/ComponentSamples";
import { MixtureBars } from "@/features/mixture/MixtureBars";
import { MixtureFigures } from "@/features/mixture/MixtureFigures";
import { Receipt } from "@/features/session/Receipt";
import { useEpoch } from "@/features/session/RunSession";
import { useArtifact } from "@/features/session/useArtifact";
import { count, percent } from "@/lib/format";
import { isWeak, parseMixture, type MixtureHealth } from "@/lib/mixture";
import { Section } from "@/ui/Section";
import { PanelState } from "../PanelState";
import styles from "./mixture.module.css";

/** How the mixture uses its components, and what each of them draws. */
export function MixturePanel() {
  const [{ epoch }] = useEpoch();
  const [component, setComponent] = useState<number | null>(null);
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
      {health.data ? (
        <>
          <Columns health={health.data} chosen={component} onChoose={setComponent} />
          <div className={styles.figures}>
            <MixtureFigures health={health.data} brief />
          </div>
          <ComponentSamples component={component} epoch={epoch} columns={10} onClose={() => setComponent(null)} />
        </>
      ) : (
        <PanelState loaded={health} what="mixture health" height={120} />
      )}
    </Section>
  );
}

interface ColumnsProps {
  readonly health: MixtureHealth;
  readonly chosen: number | null;
  readonly onChoose: (component: number | null) => void;
}

const MOST_COLUMNS = 16;

/** A column per component, its weight above and its points below; of many, lines. */
function Columns({ health, chosen, onChoose }: ColumnsProps) {
  const top = Math.max(...health.weights, 1e-9);
  if (health.weights.length > MOST_COLUMNS) return <MixtureBars health={health} chosen={chosen} onChoose={onChoose} />;
  return (
    <ol className={styles.bars} aria-label="Weight of each component, and its points">
      {health.weights.map((weight, component) => {
        const points = health.counts[component] ?? 0;
        return (
          <li key={component}>
            <button
              type="button"
              className={styles.bar}
              aria-pressed={component === chosen}
              title={`Component ${component}: weight ${(weight * 100).toFixed(2)}%, ${count(points)} points`}
              onClick={() => onChoose(component === chosen ? null : component)}
            >
              <span className={styles.share}>{percent(weight)}</span>
              <span className={styles.column} data-weak={isWeak(health, component) || undefined} style={{ height: `${Math.max(1, (weight / top) * 64)}px` }} />
              <span className={styles.name}>{component}</span>
              <span className={styles.points}>{count(points)}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
