"use client";
import { useState } from "react";
import { useMade } from "@/features/samples/useMade";
import { useComputable } from "@/features/samples/useSheet";
import { Receipt } from "@/features/session/Receipt";
import { useEpoch } from "@/features/session/RunSession";
import { useArtifact } from "@/features/session/useArtifact";
import { count } from "@/lib/format";
import { firstChoice, gateWish, parseInterventions, USUAL_GATE, type Choice, type Interventions } from "@/lib/interventions";
import { Notice } from "@/ui/Notice";
import { Section } from "@/ui/Section";
import { AlsoHere, LateState } from "../LateState";
import { EffectView } from "./EffectView";
import { GateControls } from "./GateControls";
import styles from "./interventions.module.css";
import { Matrix } from "./Matrix";

export const KIND = "interventions";
const LATE = { kind: KIND, verb: "Test", doing: "Decoding after every intervention" } as const;

/** What taking directions and dimensions away costs whom: a test of whether a structure of the latents is real. */
export function InterventionsPanel() {
  const [{ epoch }] = useEpoch();
  const [gate, setGate] = useState(USUAL_GATE);
  const recorded = useArtifact(KIND, epoch, parseInterventions);
  const wish = gateWish(gate);
  const asked = useMade(KIND, epoch, wish, parseInterventions, false);
  const able = useComputable().includes(KIND) && asked.epoch !== null;
  const study = wish === null ? recorded.data : (asked.sheet?.data ?? recorded.data);
  const at = study?.receipt.epoch ?? null;
  const stale = wish !== null && !asked.current && asked.problem === null;
  const aside = study && (
    <>
      <span>{count(study.ids.length)} points, epoch {at}</span>
      <Receipt kind={KIND} epoch={at} receipt={study.receipt} keys={study === recorded.data ? undefined : asked.sheet?.keys} />
    </>
  );
  return (
    <Section title="Interventions" aside={aside}>
      {study ? (
        <>
          {able && <GateControls gate={gate} onGate={setGate} />}
          {asked.problem && (
            <div className={styles.problem}>
              <Notice compact tone="error" title={asked.problem.what}>{asked.problem.remedy}</Notice>
            </div>
          )}
          <div className={styles.whole} aria-busy={stale || undefined}>
            <Study study={study} />
          </div>
          {wish === null && <AlsoHere {...LATE} loaded={recorded} />}
        </>
      ) : (
        <LateState {...LATE} loaded={recorded} what="interventions" />
      )}
    </Section>
  );
}

function Study({ study }: { readonly study: Interventions }) {
  const [chosen, setChosen] = useState<Choice | null>(null);
  const there = chosen && study.effects[chosen.intervention]?.[chosen.subject];
  const choice = there ? chosen : firstChoice(study);
  if (study.interventions.length === 0 || study.subjects.length === 0) return <p className={styles.said}>There is nothing to take away at this epoch.</p>;
  return (
    <div className={styles.study}>
      <Matrix study={study} choice={choice} onChoose={setChosen} />
      <EffectView study={study} choice={choice} />
    </div>
  );
}
