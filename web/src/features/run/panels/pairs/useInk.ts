"use client";
import { useMemo } from "react";
import { usePalette } from "@/features/latent/data/usePalette";
import { classColor } from "@/features/latent/look";
import { useRunArtifact } from "@/features/session/useArtifact";
import type { Latents } from "@/lib/latents";
import { inkOf, parsePointColors, type Ink, type OwnColors } from "@/lib/pointColors";
import { hex, type Rgb } from "@/lib/rgb";

/** What the points of the run look like where they are colors; null where they are not. */
export function useOwnColors(): OwnColors | null {
  return useRunArtifact("point_colors", parsePointColors).data;
}

/** The look of points: their own color, else that of their label, else one for all. */
export function useInk(ids: Int32Array | null, labels: Int32Array | null, own: OwnColors | null): Ink | null {
  const palette = usePalette(labels ? Math.max(...labels) + 1 : 0);
  return useMemo(() => {
    if (!ids) return null;
    const ofLabel = (at: number) => hex(labels ? classColor(palette, labels[at] as number) : (palette.plain as Rgb));
    const fill = Array.from(ids, (id, at) => own?.get(id) ?? ofLabel(at));
    return inkOf(fill, palette.ground);
  }, [ids, labels, own, palette]);
}

/** The same arrays for the same points, so that moving from moment to moment changes no color. */
export function useSamePoints(latents: Latents | null): Pick<Latents, "ids" | "labels"> | null {
  const key = latents ? `${latents.ids.length} ${latents.ids[0]} ${latents.ids.at(-1)} ${latents.labels === null}` : "";
  // Points of a run stay the same all through it; the key tells another set of them.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => latents && { ids: latents.ids, labels: latents.labels }, [key]);
}
