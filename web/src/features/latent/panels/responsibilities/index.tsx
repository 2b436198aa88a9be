"use client";
import { Bars } from "@/charts/Bars";
import { rowOf } from "@/lib/latent/columns";
import { useLatent } from "../../latent";
import { Block } from "../Block";
import type { PanelProps, PanelSpec } from "../panel";

export const responsibilities: PanelSpec = {
  id: "responsibilities",
  about: "point",
  needs: { artifact: "anatomy", capability: "responsibilities" },
  Component: Responsibilities,
};

const MOST = 3;

/** Which components of the mixture claim this point. */
function Responsibilities({ id }: PanelProps) {
  const { anatomy } = useLatent();
  const rows = anatomy.data?.responsibilities;
  const at = anatomy.data?.ids.indexOf(id) ?? -1;
  if (!rows || at < 0) return null;
  const bars = Array.from(rowOf(rows, at), (value, c) => ({ id: c, label: `Component ${c}`, value, text: value.toFixed(3) }))
    .sort((a, b) => b.value - a.value)
    .slice(0, MOST);
  return (
    <Block title="Responsibilities" aside="q(c|x)">
      <Bars label="Responsibilities" bars={bars} full={1} names={92} />
    </Block>
  );
}
