"use client";
import { useRef, useState, type PointerEvent, type RefObject, type SyntheticEvent } from "react";
import type { WallStage } from "@/charts/wall/stage";
import { caught, drawn, isLoop, type Pixel } from "@/lib/lasso";
import type { Arrangement } from "@/lib/sweep/arrange";
import { useStore, useSweepPage } from "../context";
import type { Band } from "./useBand";

const SLACK = 4;

interface PointerProps {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly stage: RefObject<WallStage | null>;
  readonly spread: Arrangement;
  readonly band: Band;
}

/** The pointer on the wall: over a point it lights it everywhere; a stroke in a tile goes around points. */
export function usePointer({ stage, spread, band }: PointerProps) {
  const { session, look, change } = useSweepPage();
  const points = useStore(session.film.points);
  const [outline, setOutline] = useState<readonly Pixel[]>([]);
  const press = useRef<{ readonly tile: number; readonly from: Pixel; drags: boolean } | null>(null);
  /** A stroke that ends over a link is no click. */
  const swallow = useRef(false);

  const at = (event: PointerEvent<HTMLElement>): Pixel => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const tileAt = ([x, y]: Pixel) => spread.spots.find(({ left, top }) => x >= left && y >= top && x < left + spread.size && y < top + spread.size)?.index ?? null;

  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    swallow.current = false;
    const [from, mouse] = [at(event), event.pointerType !== "touch" && event.button === 0];
    const tile = mouse ? tileAt(from) : null;
    press.current = tile === null ? null : { tile, from, drags: false };
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const [now, held] = [at(event), press.current];
    if (!held) {
      const tile = tileAt(now);
      const found = tile === null ? -1 : (stage.current?.pick(tile, now[0], now[1] - band.top) ?? -1);
      session.point(tile === null ? null : { tile, at: found < 0 ? null : found, x: event.clientX, y: event.clientY });
      return;
    }
    if (!held.drags && Math.hypot(now[0] - held.from[0], now[1] - held.from[1]) < SLACK) return;
    if (!held.drags) {
      held.drags = true;
      event.currentTarget.setPointerCapture(event.pointerId);
      session.point(null);
    }
    setOutline((line) => drawn(line.length === 0 ? [held.from] : line, now));
  };
  const onPointerUp = (event: PointerEvent<HTMLElement>) => {
    const held = press.current;
    press.current = null;
    setOutline([]);
    if (!held?.drags) return;
    swallow.current = true;
    if (event.type === "pointerup" && isLoop(outline)) select(held.tile, event);
  };
  const select = (tile: number, { shiftKey, altKey }: PointerEvent) => {
    const places = stage.current?.placesOf(tile);
    if (!places || !points) return;
    const inBand = outline.map(([x, y]) => [x, y - band.top] as const);
    const ids = caught(inBand, places, () => true).map((one) => points.ids[one] as number);
    const kept = new Set(shiftKey || altKey ? look.selected : []);
    for (const id of ids) kept[altKey ? "delete" : "add"](id);
    change({ selected: [...kept], tile });
  };
  const onClickCapture = (event: SyntheticEvent) => {
    if (!swallow.current) return;
    swallow.current = false;
    event.preventDefault();
    event.stopPropagation();
  };
  const onPointerLeave = () => session.point(null);
  return { outline, handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp, onPointerLeave, onClickCapture } };
}
