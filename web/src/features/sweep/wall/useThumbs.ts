"use client";
import { useEffect, useState } from "react";
import { artifactUrl, loadArtifact } from "@/api/artifacts";
import { getRun } from "@/api/runs";
import type { SpriteSheet } from "@/features/latent/data/useSprites";
import { parseSprites } from "@/lib/latent/sprites";
import type { Sweep } from "@/lib/sweep/sweep";

/**
 * The thumbnails of the examples, out of the run that is the reference: all variants show the same
 * examples. Asked for when they are wanted first; null where its data are no pictures.
 */
export function useThumbs(sweep: Sweep, wanted: boolean): SpriteSheet | null {
  const [sheet, setSheet] = useState<SpriteSheet | null>(null);
  const runId = (sweep.variants[sweep.reference ?? 0] ?? sweep.variants[0])?.runId ?? null;
  useEffect(() => {
    if (!wanted || runId === null || sheet) return;
    let current = true;
    void sheetOf(runId).then((found) => current && setSheet(found), () => undefined);
    return () => {
      current = false;
    };
  }, [wanted, runId, sheet]);
  return sheet;
}

async function sheetOf(runId: string): Promise<SpriteSheet | null> {
  const { artifacts } = await getRun(runId);
  if (!artifacts.some(({ kind }) => kind === "sprites_layout")) return null;
  return { url: artifactUrl(runId, "sprites"), sprites: await loadArtifact(runId, "sprites_layout", {}, parseSprites) };
}
