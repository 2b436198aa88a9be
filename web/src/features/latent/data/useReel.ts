"use client";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { useSession } from "@/features/session/RunSession";
import { useRunId } from "@/features/session/runId";
import type { Bounds } from "@/lib/camera";
import type { MapFrame } from "@/lib/latent/map";
import { Reel } from "./reel";

/** The bounds over all epochs of the maps of a kind; of the first map that came until they are known. */
export function useReel(kind: "latent_2d_pca" | "latent_3d_pca" | "latent_2d_umap" | "latent_3d_umap", frame: MapFrame | null): Bounds | null {
  const runId = useRunId();
  const { run, epoch } = useSession();
  const reel = useMemo(() => new Reel(runId, kind), [runId, kind]);
  const dims = kind.startsWith("latent_2d") ? 2 : 3;
  useEffect(() => {
    if (frame?.dims === dims) reel.add(frame);
  }, [reel, frame, dims]);
  const begun = frame !== null;
  useEffect(() => {
    if (!begun) return; // the map in sight comes first
    reel.start();
    let seen: readonly number[] | undefined;
    const grow = () => {
      const epochs = run.get().artifacts[kind];
      if (epochs === seen) return;
      seen = epochs;
      reel.grow(run.get(), epoch.get().epoch);
    };
    grow();
    const leave = run.subscribe(grow);
    return () => {
      leave();
      reel.stop();
    };
  }, [reel, run, epoch, kind, begun]);
  return useSyncExternalStore(reel.bounds.subscribe, reel.bounds.get);
}
