"use client";
import { useState } from "react";
import { drawKeys, DrawControls, FIRST_DRAW } from "@/features/samples/DrawControls";
import { epochWords, Sheet, SheetReceipt } from "@/features/samples/Sheet";
import { useSheet } from "@/features/samples/useSheet";
import { useRun } from "@/features/session/RunSession";
import { Button } from "@/ui/Button";
import { useLatent } from "../../latent";
import { Block } from "../Block";
import type { PanelSpec } from "../panel";
import styles from "../Side.module.css";

export const prior: PanelSpec = { id: "prior", about: "map", needs: { computable: "prior_samples" }, Component: PriorSamples };

const KIND = "prior_samples";

/** What the model dreams up: codes drawn from the prior, decoded. Drawn when asked, then with the scrubber. */
function PriorSamples() {
  const { epoch } = useLatent();
  const mixed = useRun((run) => run.capabilities.includes("responsibilities"));
  const [asked, setAsked] = useState(false);
  const [draw, setDraw] = useState(FIRST_DRAW);
  const loaded = useSheet(KIND, epoch, asked ? { ...drawKeys(draw) } : null);
  return (
    <Block title="Samples from the prior" aside={asked && (epochWords(loaded, epoch) ?? <SheetReceipt kind={KIND} loaded={loaded} />)}>
      {asked ? (
        <>
          <Sheet loaded={loaded} label="Samples from the prior" columns={8} m={draw.m} />
          <DrawControls draw={draw} what="samples" onDraw={setDraw} />
        </>
      ) : (
        <div className={styles.ask}>
          <Button onClick={() => setAsked(true)}>Draw samples</Button>
          <span>{mixed ? "A component at random, then a code out of it." : "Codes out of N(0, I), decoded."}</span>
        </div>
      )}
    </Block>
  );
}
