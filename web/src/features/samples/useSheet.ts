"use client";
import { useMemo } from "react";
import type { Wish } from "@/api/makeArtifact";
import { useDetail } from "@/features/session/RunSession";
import { computableOf } from "@/lib/computable";
import { parseSamples, type Samples } from "@/lib/samples";
import { useMade, type LoadedMade } from "./useMade";

export type LoadedSheet = LoadedMade<Samples>;

/** A sheet of decoded pictures at the epoch at hand; see `useMade`. */
export function useSheet(kind: string, epoch: number, wish: Wish | null): LoadedSheet {
  return useMade(kind, epoch, wish, parseSamples);
}

/** Whether the run can make this kind on request. */
export function useComputable(): readonly string[] {
  const detail = useDetail();
  return useMemo(() => computableOf(detail), [detail]);
}
