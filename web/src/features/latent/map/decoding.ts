"use client";
import { useMemo } from "react";
import { useMade, type LoadedMade } from "@/features/samples/useMade";
import { useComputable } from "@/features/samples/useSheet";
import { useDetail } from "@/features/session/RunSession";
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

/** A place of the map that is shown, decoded by the server at its epoch, where there is a checkpoint. */
export function useExact({ u, v }: Pin): LoadedMade<DecodedPoint> {
  const { view, map, epoch } = useLatent();
  return useMade("decode_point", map.epoch ?? epoch, { method: view.method, u, v }, parseDecodedPoint);
}
