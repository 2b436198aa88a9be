"use client";
import { useState, type RefObject } from "react";
import type { Room } from "./useRoom";

/** The part of a long wall that is drawn: it scrolls with the tiles, and moves on before its end is seen. */
export interface Band {
  readonly top: number;
  readonly height: number;
}

/** Two rooms are drawn; the band moves on with every half a room that is scrolled. */
export function useBand(scroller: RefObject<HTMLElement | null>, room: Room, whole: number) {
  const [turn, setTurn] = useState(0);
  const half = Math.max(1, room.height / 2);
  const height = Math.max(1, Math.min(whole, Math.round(room.height * 2)));
  const top = Math.round(Math.max(0, Math.min(whole - height, turn * half - half / 2)));
  const onScroll = () => setTurn(Math.floor((scroller.current?.scrollTop ?? 0) / half));
  return { band: { top, height }, onScroll };
}
