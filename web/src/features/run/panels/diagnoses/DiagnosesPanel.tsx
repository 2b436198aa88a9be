"use client";
import { Receipt } from "@/features/session/Receipt";
import { useEpoch, useRun } from "@/features/session/RunSession";
import { useRunArtifact } from "@/features/session/useArtifact";
import { parseDiagnoses, ruleWords, type Checked, type Diagnoses, type Finding } from "@/lib/diagnoses";
import { isOver } from "@/lib/runState";
import { Notice } from "@/ui/Notice";
import { Section } from "@/ui/Section";
import { Tag } from "@/ui/Tag";
import { PanelState } from "../PanelState";
import styles from "./diagnoses.module.css";

/** What went wrong, when it began, on what evidence, and what to try. */
export function DiagnosesPanel() {
  const loaded = useRunArtifact("diagnoses", parseDiagnoses);
  const over = useRun((run) => isOver(run.status));
  const aside = loaded.data && (
    <>
      <span>{countWords(loaded.data)}</span>
      <Receipt kind="diagnoses" epoch={null} receipt={loaded.data.receipt} />
    </>
  );
  return (
    <Section title="Diagnoses" aside={aside}>
      {loaded.data ? (
        <Findings diagnoses={loaded.data} />
      ) : loaded.problem ? (
        <Notice compact tone="error" title={loaded.problem.what}>
          {loaded.problem.isOffline ? loaded.problem.remedy : "The command latelier verify tells what is damaged."}
        </Notice>
      ) : loaded.state === "none" && !over ? (
        <p className={styles.words}>The run is looked over when it has ended.</p>
      ) : (
        <PanelState loaded={loaded} what="diagnoses" height={96} />
      )}
    </Section>
  );
}

function countWords({ findings, checked }: Diagnoses): string {
  const applied = checked.filter(({ applies }) => applies).length;
  if (findings.length === 0) return `nothing found, ${applied} checked`;
  return findings.length === 1 ? "1 finding" : `${findings.length} findings`;
}

function Findings({ diagnoses: { findings, checked } }: { readonly diagnoses: Diagnoses }) {
  return (
    <>
      {findings.length > 0 && (
        <ol className={styles.findings}>
          {findings.map((finding) => (
            <Item key={`${finding.rule}@${finding.epoch}`} finding={finding} />
          ))}
        </ol>
      )}
      {findings.length === 0 && <p className={styles.none}>No sign of trouble in this run.</p>}
      <Looked checked={checked} />
    </>
  );
}

/** One finding; its epoch moves the scrubber there. */
function Item({ finding }: { readonly finding: Finding }) {
  const [{ epoch }, store] = useEpoch();
  const { severity, title, text, evidence, knob } = finding;
  return (
    <li className={styles.finding}>
      <button type="button" className={styles.pin} onClick={() => store.go(finding.epoch)} title="Go to where this began" aria-label={`ep ${finding.epoch}: go to where this began`} aria-current={epoch === finding.epoch || undefined}>
        <Tag tone={severity === "problem" ? "error" : "warn"} dot>
          ep {finding.epoch}
        </Tag>
      </button>
      <div className={styles.said}>
        <h3 className={styles.title}>{title}</h3>
        <p className={styles.words}>{text}</p>
        {evidence.length > 0 && (
          <dl className={styles.evidence}>
            {evidence.map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        )}
        {knob && (
          <p className={styles.knob}>
            <code>{knob.key}</code>
            <span>{knob.advice}</span>
          </p>
        )}
      </div>
    </li>
  );
}

/** What was checked, and what could not be, and why. */
function Looked({ checked }: { readonly checked: readonly Checked[] }) {
  const applied = checked.filter(({ applies }) => applies);
  const others = checked.filter(({ applies }) => !applies);
  if (checked.length === 0) return null;
  return (
    <details className={styles.looked}>
      <summary>
        {applied.length} of {checked.length} checks apply to this run
      </summary>
      {applied.length > 0 && <p>Looked for: {applied.map(({ rule }) => ruleWords(rule)).join(", ")}.</p>}
      {others.length > 0 && (
        <ul>
          {others.map(({ rule, why }) => (
            <li key={rule}>
              Not for {ruleWords(rule)}
              {why ? `: ${why.replace(/\.$/, "")}.` : "."}
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}
