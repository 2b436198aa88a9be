"use client";
import { useLayoutEffect, useRef, type RefObject } from "react";
import { usePalette } from "@/features/latent/data/usePalette";
import { Thumb } from "@/features/latent/Thumb";
import { css, hex } from "@/lib/rgb";
import { usePointed, useStore, useSweep, useSweepPage } from "../context";
import { colorOf } from "./look";
import { useThumbs } from "./useThumbs";
import styles from "./Wall.module.css";

const AWAY = 14;

/** Says which example the point under the pointer is, and shows it. */
export function HoverCard({ scroller }: { readonly scroller: RefObject<HTMLElement | null> }) {
  const { session, look } = useSweepPage();
  const sweep = useSweep();
  const pointed = usePointed();
  const points = useStore(session.film.points);
  const palette = usePalette(points?.labels ? Math.max(...points.labels) + 1 : 0);
  const sheet = useThumbs(sweep, pointed !== null && points !== null && points.colors === null);
  const card = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const [room, box] = [scroller.current, card.current];
    if (!room || !box || !pointed) return;
    const { left, top, right } = room.getBoundingClientRect();
    const over = pointed.x + AWAY + box.offsetWidth > right;
    const x = (over ? pointed.x - AWAY - box.offsetWidth : pointed.x + AWAY) - left + room.scrollLeft;
    const y = Math.max(4, pointed.y - top - box.offsetHeight - 6) + room.scrollTop;
    box.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  });
  if (!pointed || pointed.at === null || !points) return null;
  const id = points.ids[pointed.at] as number;
  const label = points.labels?.[pointed.at];
  const color = colorOf(points, pointed.at, look.color, palette);
  const own = points.colors ? hex(colorOf(points, pointed.at, "own", palette)) : null;
  return (
    <div ref={card} className={styles.card} data-card={id}>
      {sheet ? <Thumb sheet={sheet} id={id} size={44} /> : <span className={styles.swatch} style={{ background: css(color) }} />}
      <span>
        <b>#{id}</b>
        <small>{[own, label === undefined || label < 0 ? null : `label ${label}`].filter(Boolean).join(" · ") || "in every map"}</small>
      </span>
    </div>
  );
}
