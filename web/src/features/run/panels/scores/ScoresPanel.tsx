"use client";
import { Receipt } from "@/features/session/Receipt";
import { useEpoch } from "@/features/session/RunSession";
import { useArtifact } from "@/features/session/useArtifact";
import { parseScores } from "@/lib/scores";
import { Section } from "@/ui/Section";
import { PanelState } from "../PanelState";
import styles from "./scores.module.css";

export function ScoresPanel() {
  const [{ epoch }] = useEpoch();
  const scores = useArtifact("scores", epoch, parseScores);
  const aside = scores.data && <Receipt kind="scores" epoch={scores.epoch} receipt={scores.data.receipt} />;
  return (
    <Section title="Scores" aside={aside}>
      {scores.data ? (
        <dl className={styles.list}>
          {scores.data.scores.map((score) => (
            <div key={score.key} className={styles.line} title={score.meaning}>
              <dt>{score.label}</dt>
              <dd className={styles.meter} aria-hidden="true">
                <span style={{ width: `${Math.max(0, Math.min(1, score.value)) * 100}%` }} />
              </dd>
              <dd className={styles.value}>{score.value.toFixed(3)}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <PanelState loaded={scores} what="scores" height={96} />
      )}
    </Section>
  );
}
