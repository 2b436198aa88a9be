"use client";
import { useEffect, useState } from "react";
import { artifactUrl } from "@/api/artifacts";
import { useRunId } from "@/features/session/runId";
import type { Atlas } from "@/lib/latent/atlas";
import type { Trust } from "@/lib/latent/grid";
import type { LoadedFrame } from "../../data/useFrame";
import { useLatent, type Latent } from "../../latent";
import { useGrid } from "../ground";

/** The decoded tiles over the map of an epoch, and how far to trust them. */
export interface AtlasSheet {
  readonly atlas: Atlas;
  readonly image: HTMLImageElement;
  readonly epoch: number;
}

/** The sheet of an epoch when both of its files are here; the one before stays until then. */
export function useAtlasSheet(latent: Pick<Latent, "view" | "epoch">, wanted: boolean): { readonly sheet: AtlasSheet | null; readonly loaded: LoadedFrame<Atlas> } {
  const runId = useRunId();
  const loaded = useGrid("atlas", latent, wanted);
  const [held, setHeld] = useState<(AtlasSheet & { readonly url: string }) | null>(null);
  const { data, epoch } = loaded;
  const url = data && epoch !== null ? artifactUrl(runId, `atlas_${latent.view.method}_image`, { epoch }) : null;
  useEffect(() => {
    if (!url || !data || epoch === null) return;
    let current = true;
    const image = new Image();
    image.src = url;
    image.decode().then(
      () => current && setHeld({ atlas: data, image, epoch, url }),
      () => undefined, // told where the numbers are
    );
    return () => {
      current = false;
    };
  }, [url, data, epoch]);
  const fits = held !== null && data !== null && (held.atlas.method === "umap") === (data.method === "umap");
  return { sheet: fits ? held : null, loaded };
}

/** Trust of the map that is shown; null where there is none. */
export function useTrust(wanted: boolean): Trust | null {
  const latent = useLatent();
  return useGrid("trust_2d", latent, wanted).data;
}
