"use client";
import { useCallback, useEffect, useMemo, useRef } from "react";
import type { Arrangement } from "@/lib/sweep/arrange";
import type { Codes } from "@/lib/sweep/codes";
import type { Variant } from "@/lib/sweep/sweep";
import { numberWriter } from "@/lib/sweep/digits";
import { hasFront } from "@/lib/sweep/table";
import { reachOf, tilePlaces } from "@/lib/sweep/picture";
import type { WallTile } from "@/lib/sweep/wall";
import { tileWords, variantWords } from "@/lib/sweep/words";
import { useMetric, useShown, useSweep, useSweepPage } from "../context";
import { Tile } from "./Tile";

interface TilesProps {
  readonly spread: Arrangement;
  readonly codes: Codes;
  /** The one that the Tab key comes to. */
  readonly reachable: number | null;
}

export function Tiles({ spread, codes, reachable }: TilesProps) {
  const { look, change } = useSweepPage();
  const { variants, layout, pareto, directions } = useSweep();
  const frame = useCallback((tile: number) => change({ tile }), [change]);
  const marked = useMemo(() => new Set(hasFront(directions) ? pareto : []), [directions, pareto]);
  const states = useTileStates();
  const box = useNumbers(spread);
  return (
    <div ref={box}>
      {spread.spots.map(({ index, left, top }) => {
        const variant = variants[index];
        if (!variant) return null;
        const { drawn, why } = states[index] ?? MISSING;
        const note = tileWords(variant, why, drawn);
        const { state, step, totalSteps } = variant;
        return (
          <Tile
            key={index}
            index={index}
            href={`/runs/${encodeURIComponent(variant.runId)}`}
            name={variant.name}
            code={layout.kind === "grid" ? "" : codes.nameOf(variant.name)}
            left={left}
            top={top}
            size={spread.size}
            note={note?.label ?? ""}
            tone={note?.tone ?? "plain"}
            words={variantWords(variant, why)}
            progress={state === "running" && totalSteps ? Math.min(1, step / totalSteps) : -1}
            pareto={marked.has(index)}
            framed={look.tile === index}
            reachable={index === reachable}
            drawn={drawn}
            onFocus={frame}
          />
        );
      })}
    </div>
  );
}

interface TileState {
  readonly drawn: boolean;
  /** Why there is no map; null where there is one, or is none yet. */
  readonly why: string | null;
}

const MISSING: TileState = { drawn: false, why: null };

/** Which tiles have a map, and why others have none; the same list while that does not change. */
function useTileStates(): readonly TileState[] {
  const key = useShown((shown) => JSON.stringify(shown?.picture.shown.map((tile, at): TileState => ({ drawn: tile !== null, why: shown.frame.why[at] ?? null })) ?? []));
  return useMemo(() => JSON.parse(key) as readonly TileState[], [key]);
}

/** Keeps numbers and the marks of cut maps up to date by hand: they change with every step, and nothing else does. */
function useNumbers(spread: Arrangement) {
  const { session, look } = useSweepPage();
  const { variants, columns } = useSweep();
  const { shown, window } = session.film;
  const metric = useMetric();
  const box = useRef<HTMLDivElement>(null);
  const write = useMemo(() => (metric === null ? null : numberWriter(variants.map(({ metrics }) => metrics[metric]))), [metric, variants]);
  useEffect(() => {
    const update = () => {
      const [now, frame] = [shown.get(), window.get()];
      box.current?.querySelectorAll<HTMLElement>("[data-number]").forEach((element) => {
        const at = Number(element.dataset.number);
        const text = write ? numberText(metric, variants[at], now?.picture.shown[at] ?? null, write) : "";
        if (element.textContent !== text) element.textContent = text;
        const tile = element.closest("[data-tile]");
        const beyond = now !== null && frame !== null && look.scale === "common" && reachOf(tilePlaces(now.picture, at), frame) > frame.reach;
        if (tile?.hasAttribute("data-cut") !== beyond) tile?.toggleAttribute("data-cut", beyond);
      });
    };
    update();
    const stops = [shown.subscribe(update), window.subscribe(update)];
    return () => stops.forEach((stop) => stop());
  }, [shown, window, metric, variants, columns, spread, write, look.scale]);
  return box;
}

/** The number under a tile: of the map that is shown where it has one, else the run's last. */
export function numberText(metric: string | null, variant: Variant | undefined, tile: WallTile | null, write: (value: number) => string): string {
  if (metric === null || !variant) return "";
  const value = metric === "wall/ring" ? tile?.ring : metric === "wall/residual" ? tile?.residual : variant.metrics[metric];
  return value === null || value === undefined ? "" : write(value);
}
