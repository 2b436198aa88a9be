"use client";
import { useEffect, useRef, type RefObject } from "react";
import { WallStage } from "@/charts/wall/stage";
import { usePalette } from "@/features/latent/data/usePalette";
import { useTheme } from "@/features/session/ThemeToggle";
import { css } from "@/lib/rgb";
import type { Arrangement } from "@/lib/sweep/arrange";
import { ownWindow, tilePlaces, type Window } from "@/lib/sweep/picture";
import { useStore, useSweep, useSweepPage } from "../context";
import type { Band } from "./useBand";
import { wallLook } from "./look";

interface StageProps {
  readonly host: RefObject<HTMLDivElement | null>;
  readonly spread: Arrangement;
  readonly band: Band;
  readonly onReason: (reason: string | null) => void;
}

const SCRUB_MS = 90;
const LIVE_MS = 600;
const NOWHERE: Window = { x: 0, y: 0, reach: 1 };

/** Keeps the drawn wall up to date with what is shown, and how; a step costs React nothing. */
export function useStage({ host, spread, band, onReason }: StageProps): RefObject<WallStage | null> {
  const stage = useRef<WallStage | null>(null);
  const { session, look } = useSweepPage();
  const { film, steps, pointed } = session;
  const { wall } = useSweep();
  const points = useStore(film.points);
  const theme = useTheme();
  const palette = usePalette(points?.labels ? Math.max(...points.labels) + 1 : 0);
  const map = wall?.map ?? "pca";

  useEffect(() => {
    if (!host.current) return;
    const made = new WallStage(host.current, onReason);
    stage.current = made;
    Object.assign(host.current, { wallStage: made }); // for whoever measures
    return () => {
      made.dispose();
      stage.current = null;
    };
  }, [host, onReason]);

  useEffect(() => stage.current?.resize({ width: spread.width, height: band.height }), [spread.width, band.height]);

  const [across, up] = map === "pca" ? [null, null] : map;
  useEffect(() => {
    const show = () => {
      const [shown, common] = [film.shown.get(), film.window.get()];
      if (!shown) return;
      const { picture } = shown;
      const fit = look.scale === "fit" || !common;
      const windows = picture.shown.map((tile, at) => (tile && fit ? ownWindow(tilePlaces(picture, at), across === null ? "pca" : [across, up]) : null) ?? common ?? NOWHERE);
      stage.current?.show(picture, windows, steps.get().following ? LIVE_MS : SCRUB_MS);
    };
    show();
    const stops = [film.shown.subscribe(show), film.window.subscribe(show)];
    return () => stops.forEach((stop) => stop());
  }, [film, steps, across, up, look.scale]);

  useEffect(() => {
    if (points) stage.current?.setLook(wallLook(points, look.color, new Set(look.selected), palette));
  }, [points, look.color, look.selected, palette]);

  useEffect(() => {
    const tiles = spread.spots
      .filter(({ top }) => top + spread.size > band.top && top < band.top + band.height)
      .map(({ index, left, top }) => ({ index, left, top: top - band.top }));
    const colors = { circle: css(palette.plain), ring: css(palette.text), ground: css(palette.ground) };
    stage.current?.setTiles(tiles, { side: spread.size, circle: across !== null, colors, rim: theme === "dark" ? 127 : 104 });
  }, [spread, band.top, band.height, palette, theme, across]);

  useEffect(() => {
    const light = () => stage.current?.light(pointed.get()?.at ?? null);
    light();
    return pointed.subscribe(light);
  }, [pointed]);
  return stage;
}
