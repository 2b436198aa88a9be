"use client";
import { useState } from "react";
import { ComponentSamples } from "@/features/mixture/ComponentSamples";
import { MixtureBars } from "@/features/mixture/MixtureBars";
import { MixtureFigures } from "@/features/mixture/MixtureFigures";
import { Receipt } from "@/features/session/Receipt";
import { useArtifact } from "@/features/session/useArtifact";
import { parseMixture } from "@/lib/mixture";
import { useLatent } from "../../latent";
import { Block } from "../Block";
import type { PanelSpec } from "../panel";

export const mixture: PanelSpec = { id: "mixture", about: "map", needs: { artifact: "mixture_health", capability: "responsibilities" }, Component: Mixture };

/** How the mixture uses its components, and what each of them draws. */
function Mixture() {
  const { epoch } = useLatent();
  const { data, epoch: at } = useArtifact("mixture_health", epoch, parseMixture);
  const [component, setComponent] = useState<number | null>(null);
  if (!data) return null;
  return (
    <Block title="Mixture health" aside={<Receipt kind="mixture_health" epoch={at} receipt={data.receipt} />}>
      <MixtureFigures health={data} />
      <MixtureBars health={data} chosen={component} onChoose={setComponent} />
      <ComponentSamples component={component} epoch={epoch} columns={8} onClose={() => setComponent(null)} />
    </Block>
  );
}
