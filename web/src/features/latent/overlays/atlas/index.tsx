"use client";
import { useEffect, useMemo, useState } from "react";
import { FieldLayer, type Field } from "@/charts/map/layers/field";
import { percent } from "@/lib/format";
import type { Atlas } from "@/lib/latent/atlas";
import type { Trust } from "@/lib/latent/grid";
import { useLatent, type Latent } from "../../latent";
import { GroundLegend, type Meaning } from "../GroundLegend";
import type { OverlaySpec } from "../overlay";
import { opacities } from "./fade";
import { inkOf } from "./ink";
import { useAtlasSheet, useTrust } from "./useAtlas";

/** What the decoder makes of every place, drawn there. */
export const atlas: OverlaySpec = {
  id: "atlas",
  label: "Decode atlas",
  needs: { dims: 2, artifact: (method) => `atlas_${method}` },
  first: false,
  fills: true,
  useLayer: useAtlasLayer,
  Legend,
};

function useAtlasLayer(latent: Latent, on: boolean): FieldLayer | null {
  const { sheet } = useAtlasSheet(latent, on);
  const trust = useTrust(on);
  const [layer] = useState(() => new FieldLayer());
  const { theme, text } = latent.palette;
  const field = useMemo<Field | null>(() => {
    if (!sheet) return null;
    const image = faded(sheet.atlas, (theme === "light" && inkOf(sheet.image, text)) || sheet.image, trust);
    const drawing = { image, lines: [], ink: "" };
    return { bounds: sheet.atlas.bounds, opacity: 0.92, drawing: () => drawing };
  }, [sheet, trust, theme, text]);
  useEffect(() => layer.set(field), [layer, field]);
  return on && field ? layer : null;
}

function faded(of: Atlas, image: CanvasImageSource, trust: Trust | null): HTMLCanvasElement {
  const { columns, rows, tile, gap } = of.layout;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns * tile.width, rows * tile.height];
  const pen = canvas.getContext("2d");
  opacities(of, trust).forEach((opacity, at) => {
    if (!pen) return;
    const [column, row] = [at % columns, Math.floor(at / columns)];
    pen.globalAlpha = opacity;
    pen.drawImage(image, column * (tile.width + gap), row * (tile.height + gap), tile.width, tile.height, column * tile.width, row * tile.height, tile.width, tile.height);
  });
  return canvas;
}

function Legend() {
  const latent = useLatent();
  const { loaded, sheet } = useAtlasSheet(latent, true);
  const { theme, text } = latent.palette;
  const isInk = theme === "light" && sheet !== null && inkOf(sheet.image, text) !== null;
  return <GroundLegend what="Decode atlas" kind="atlas" loaded={loaded} scale={null} meaning={loaded.data && meaningOf(loaded.data, isInk)} />;
}

export function meaningOf({ layout, leftOut }: Atlas, isInk = false): Meaning {
  const rest = leftOut !== null && leftOut > 0.005 ? ` ${percent(leftOut)} of the latents’ variance is not on this map and stays at its mean.` : "";
  return { low: "", unit: "", high: "", words: `${layout.columns} × ${layout.rows} places, each decoded. Faint where it is not to be trusted.${isInk ? " Bright pixels are drawn as ink." : ""}${rest}` };
}
