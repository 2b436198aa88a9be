"use client";
import { useState } from "react";
import { Heat } from "@/charts/Heat";
import { Receipt } from "@/features/session/Receipt";
import { useEpoch } from "@/features/session/RunSession";
import { useTheme } from "@/features/session/ThemeToggle";
import { useArtifact } from "@/features/session/useArtifact";
import { parseFactorScores, type FactorScores, type FactorTable } from "@/lib/factorScores";
import { compact, count } from "@/lib/format";
import { Section } from "@/ui/Section";
import { Segmented } from "@/ui/Segmented";
import { AlsoHere, LateState } from "../LateState";
import styles from "./factors.module.css";

export const KIND = "factor_scores";
const LATE = { kind: KIND, verb: "Score", doing: "Scoring the code" } as const;

/** How far the code tells the known factors apart: every score, and the matrices that they are read from. */
export function FactorsPanel() {
  const [{ epoch }] = useEpoch();
  const scores = useArtifact(KIND, epoch, parseFactorScores);
  const aside = scores.data && (
    <>
      {scores.data.points !== null && <span>{count(scores.data.points)} examples, epoch {scores.epoch}</span>}
      <Receipt kind={KIND} epoch={scores.epoch} receipt={scores.data.receipt} />
    </>
  );
  return (
    <Section title="Factor scores" aside={aside}>
      {scores.data ? (
        <>
          <Meters scores={scores.data} />
          <Tables scores={scores.data} />
          <AlsoHere {...LATE} loaded={scores} />
        </>
      ) : (
        <LateState {...LATE} loaded={scores} what="factor scores" />
      )}
    </Section>
  );
}

function Meters({ scores: { scores } }: { readonly scores: FactorScores }) {
  return (
    <dl className={styles.list}>
      {scores.map(({ key, label, meaning, value }) => (
        <div key={key} className={styles.line} title={meaning}>
          <dt>{label}</dt>
          <dd className={styles.meter} aria-hidden="true">
            <span style={{ width: `${Math.max(0, Math.min(1, value ?? 0)) * 100}%` }} />
          </dd>
          <dd className={styles.value}>{value === null ? "–" : value.toFixed(3)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Tables({ scores: { tables, factors, dims } }: { readonly scores: FactorScores }) {
  const theme = useTheme();
  const [chosen, setChosen] = useState<FactorTable["key"]>("importance");
  const table = tables.find(({ key }) => key === chosen) as FactorTable;
  const columns = Array.from({ length: dims }, (_, d) => <>z<sub>{d + 1}</sub></>);
  const beside = table.beside && { label: table.beside.label, texts: table.beside.values.map((value) => (value === null ? "–" : value.toFixed(2))) };
  const wordsOf = (row: number, d: number) => `${factors[row]}, z${d + 1}: ${compact(table.rows[row]?.[d], 3)}`;
  return (
    <div className={styles.tables}>
      <Segmented label="Matrix" wide value={chosen} onChange={setChosen} options={tables.map(({ key, label }) => ({ value: key, label }))} />
      <Heat label={`${table.label}, factors by dimensions`} {...{ theme, columns, wordsOf }} rows={factors} values={table.rows} top={table.top} beside={beside} />
      <p className={styles.said}>{table.meaning}</p>
    </div>
  );
}
