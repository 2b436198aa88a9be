"use client";
import { useState } from "react";
import { drawKeys, DrawControls, FIRST_DRAW } from "@/features/samples/DrawControls";
import { epochWords, Sheet, SheetReceipt } from "@/features/samples/Sheet";
import { useSheet } from "@/features/samples/useSheet";
import { useEpoch } from "@/features/session/RunSession";
import { Button } from "@/ui/Button";
import { Section } from "@/ui/Section";
import styles from "./samples.module.css";

const KIND = "prior_samples";
const COLUMNS = 10;

/** Codes drawn from the prior, decoded: drawn when asked for, then with the scrubber. */
export function SamplesPanel() {
  const [{ epoch }] = useEpoch();
  const [asked, setAsked] = useState(false);
  const [draw, setDraw] = useState(FIRST_DRAW);
  const loaded = useSheet(KIND, epoch, asked ? { ...drawKeys(draw) } : null);
  const aside = asked ? (
    <>
      <span>{epochWords(loaded, epoch) ?? "prior"}</span>
      <SheetReceipt kind={KIND} loaded={loaded} />
    </>
  ) : (
    <Button onClick={() => setAsked(true)}>Draw samples</Button>
  );
  return (
    <Section title="Samples" aside={aside}>
      {asked ? (
        <>
          <Sheet loaded={loaded} label="Samples from the prior" columns={COLUMNS} m={draw.m} />
          <DrawControls draw={draw} what="samples" onDraw={setDraw} />
        </>
      ) : (
        <p className={styles.words}>Codes drawn from the prior at the epoch of the scrubber, decoded.</p>
      )}
    </Section>
  );
}
