"use client";
import { useState } from "react";
import { Receipt } from "@/features/session/Receipt";
import { useEpoch } from "@/features/session/RunSession";
import { useArtifact } from "@/features/session/useArtifact";
import { count } from "@/lib/format";
import { firstChoice, parseInterventions, type Choice, type Interventions } from "@/lib/interventions";
import { Section } from "@/ui/Section";
import { AlsoHere, LateState } from "../LateState";
import { EffectView } from "./EffectView";
import styles from "./interventions.module.css";
import { Matrix } from "./Matrix";

export const KIND = "interventions";
const LATE = { kind: KIND, verb: "Test", doing: "Decoding after every intervention" } as const;

/** What taking directions and dimensions away costs whom: a test of whether a structure of the latents is real. */
export function InterventionsPanel() {
  const [{ epoch }] = useEpoch();
  const study = useArtifact(KIND, epoch, parseInterventions);
  const aside = study.data && (
    <>
      <span>{count(study.data.ids.length)} points, epoch {study.epoch}</span>
      <Receipt kind={KIND} epoch={study.epoch} receipt={study.data.receipt} />
    </>
  );
  return (
    <Section title="Interventions" aside={aside}>
      {study.data ? (
        <>
          <Study study={study.data} />
          <AlsoHere {...LATE} loaded={study} />
        </>
      ) : (
        <LateState {...LATE} loaded={study} what="interventions" />
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
