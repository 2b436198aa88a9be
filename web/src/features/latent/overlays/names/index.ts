import { useEffect, useMemo } from "react";
import { NamesLayer } from "@/charts/map/layers/names";
import { anchorsOf } from "@/lib/latent/anchors";
import { css } from "@/lib/rgb";
import type { Latent } from "../../latent";
import type { OverlaySpec } from "../overlay";

/** The name of each class, written where most of its points are. */
export const names: OverlaySpec = {
  id: "names",
  label: "Class names",
  needs: {},
  first: true,
  useLayer: useNames,
};

function useNames({ map, field, view, palette, nameOf, labelName, choice, order }: Latent, on: boolean): NamesLayer | null {
  const byClass = field.kind === "class";
  const shown = on ? (byClass ? field.values : (map.data?.label ?? null)) : null;
  const all = useMemo(() => (map.data && shown ? anchorsOf(map.data, shown) : []), [map.data, shown]);
  const anchors = all.filter(({ value }) => !byClass || !view.hidden.includes(value));
  const layer = useMemo(() => new NamesLayer(EMPTY), []);
  useEffect(() => {
    layer.set({
      anchors,
      nameOf: (value) => (byClass ? nameOf(choice, value) : labelName(value)),
      ink: css(palette.text),
      halo: css(palette.ground, 0.82),
      font: `600 15px ${fontFamily()}`,
      clear: view.focus === null ? null : (order.get(view.focus) ?? null),
    });
  });
  return anchors.length > 0 ? layer : null;
}

let family: string | null = null;

/** Asked for once: the answer costs the layout of the whole page each time. */
function fontFamily(): string {
  return (family ??= getComputedStyle(document.body).fontFamily);
}

const EMPTY = { anchors: [], nameOf: String, ink: "#fff", halo: "#000", font: "600 15px sans-serif", clear: null } as const;
