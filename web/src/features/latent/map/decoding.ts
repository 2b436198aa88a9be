"use client";
import { useEffect, useMemo, useState } from "react";
import { makeSheet, type MadeSheet } from "@/api/makeArtifact";
import { asProblem, type Problem } from "@/api/problem";
import { useComputable } from "@/features/samples/useSheet";
import { useRunId } from "@/features/session/runId";
import { useDetail, useLink } from "@/features/session/RunSession";
import { atlasBackground, tileAt } from "@/lib/latent/atlas";
import { checkpointAt } from "@/lib/computable";
import { parseDecodedPoint, type DecodedPoint, type Pin } from "@/lib/latent/pin";
import { verdictAt, type Verdict } from "@/lib/latent/trustWords";
import { useLatent } from "../latent";
import { useAtlasSheet, useTrust } from "../overlays/atlas/useAtlas";

/** The tile of a place, as a CSS background, and how far to trust it. */
export interface Tile {
  readonly image: string;
  readonly size: string;
  readonly position: string;
  readonly verdict: Verdict;
  /** Epoch that it is decoded at. */
  readonly epoch: number;
}

/** What the decoder makes of any place of the 2-D map, out of the atlas; null without one. */
export function useTiles(): ((x: number, y: number) => Tile | null) | null {
  const latent = useLatent();
  const flat = latent.view.dims === 2;
  const { sheet } = useAtlasSheet(latent, flat);
  const trust = useTrust(flat && sheet !== null);
  return useMemo(() => {
    if (!sheet || !flat) return null;
    const image = `url("${sheet.image.src}")`;
    return (x, y) => {
      const tile = tileAt(sheet.atlas, x, y);
      return tile < 0 ? null : { image, ...atlasBackground(sheet.atlas, tile), verdict: verdictAt(trust, x, y), epoch: sheet.epoch };
    };
  }, [sheet, trust, flat]);
}

/** Whether a place of the map that is shown can be decoded exactly. */
export function useDecodable(): boolean {
  const computable = useComputable().includes("decode_point");
  const detail = useDetail();
  const { view, epoch } = useLatent();
  return computable && view.dims === 2 && checkpointAt(detail, epoch) !== null;
}

/** A place, decoded by the server: what was seen stays while the next one is made. */
export interface Exact {
  readonly made: MadeSheet<DecodedPoint> | null;
  /** The epoch that it is to be of. */
  readonly epoch: number | null;
  /** Whether `made` is of what was asked for last. */
  readonly current: boolean;
  readonly problem: Problem | null;
}

/** The scrubber rests this long before the server is asked. */
const REST_MS = 180;
const NOTHING = { key: "", made: null, problem: null } as const;

export function useExact({ u, v }: Pin): Exact {
  const runId = useRunId();
  const detail = useDetail();
  const { view, map, epoch: scrubbed } = useLatent();
  const { connection } = useLink();
  // The map of an epoch is its own: the place is decoded at that epoch, where there is a checkpoint.
  const epoch = checkpointAt(detail, map.epoch ?? scrubbed);
  const key = epoch === null ? "" : JSON.stringify({ epoch, method: view.method, u, v });
  const [held, setHeld] = useState<{ readonly key: string; readonly made: MadeSheet<DecodedPoint> | null; readonly problem: Problem | null }>(NOTHING);
  const chance = held.problem?.isOffline ? connection : "";
  useEffect(() => {
    if (key === "") return;
    let current = true;
    let leave: (() => void) | null = null;
    const timer = setTimeout(() => {
      const order = makeSheet(runId, "decode_point", JSON.parse(key) as Record<string, string | number>, parseDecodedPoint);
      leave = order.leave;
      order.loading.then(
        (made) => current && setHeld({ key, made, problem: null }),
        (reason: unknown) => current && setHeld((before) => ({ key, made: before.made, problem: asProblem(reason) })),
      );
    }, REST_MS);
    return () => {
      current = false;
      clearTimeout(timer);
      leave?.();
    };
  }, [runId, key, chance]);
  const problem = held.key === key ? held.problem : null;
  return { made: held.made, epoch, current: held.key === key && problem === null, problem };
}
