"use client";
import { useMemo } from "react";
import { artifactUrl } from "@/api/artifacts";
import { useRunId } from "@/features/session/runId";
import { useRunArtifact } from "@/features/session/useArtifact";
import { parseSprites, type Sprites } from "@/lib/latent/sprites";

/** The sheet of thumbnails and what is where on it; null while there is none. */
export interface SpriteSheet {
  readonly url: string;
  readonly sprites: Sprites;
}

/** @param kind Of the sheet: of the fixed points, unless it is said of what. */
export function useSprites(kind: "sprites" | "pair_sprites" = "sprites"): SpriteSheet | null {
  const runId = useRunId();
  const layout = useRunArtifact(`${kind}_layout`, parseSprites);
  return useMemo(() => layout.data && { url: artifactUrl(runId, kind), sprites: layout.data }, [runId, kind, layout.data]);
}
