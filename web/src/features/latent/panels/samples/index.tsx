"use client";
import { useState } from "react";
import { drawKeys, DrawControls, FIRST_DRAW } from "@/features/samples/DrawControls";
import { epochWords, Sheet, SheetReceipt } from "@/features/samples/Sheet";
import { useSheet } from "@/features/samples/useSheet";
import { useLatent } from "../../latent";
import { Block } from "../Block";
import type { PanelProps, PanelSpec } from "../panel";

export const samples: PanelSpec = { id: "samples", about: "point", needs: { computable: "posterior_local" }, Component: PosteriorSamples };

const KIND = "posterior_local";

/** What the posterior of this point holds: codes drawn from q(z|x), decoded. */
function PosteriorSamples({ id }: PanelProps) {
  const { epoch } = useLatent();
  const [draw, setDraw] = useState(FIRST_DRAW);
  const loaded = useSheet(KIND, epoch, { idx: id, ...drawKeys(draw) });
  return (
    <Block title="Samples from q(z|x)" aside={epochWords(loaded, epoch) ?? <SheetReceipt kind={KIND} loaded={loaded} />}>
      <Sheet loaded={loaded} label={`Samples from the posterior of point ${id}`} columns={8} m={draw.m} />
      <DrawControls draw={draw} what="samples" onDraw={setDraw} />
    </Block>
  );
}
