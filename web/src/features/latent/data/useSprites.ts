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

export function useSprites(): SpriteSheet | null {
  const runId = useRunId();
  const layout = useRunArtifact("sprites_layout", parseSprites);
  return useMemo(() => layout.data && { url: artifactUrl(runId, "sprites"), sprites: layout.data }, [runId, layout.data]);
}
