"use client";
import { useEffect, useMemo, useRef, type RefObject } from "react";
import type { Stage } from "@/charts/map/stage";
import { directionColor } from "@/lib/latent/scales";
import { css } from "@/lib/rgb";
import { useLatent } from "../../latent";
import { useGrid } from "../ground";
import { gapsGround, wordsOf } from "./ground";
import styles from "./Marks.module.css";

/** A mark at each listed hole and spill, which says what it is when it is pointed at. */
export function Marks({ stage }: { readonly stage: RefObject<Stage | null> }) {
  const latent = useLatent();
  const { data } = useGrid(gapsGround.kind, latent, true);
  const gaps = useMemo(() => data?.gaps ?? [], [data]);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const held = stage.current;
    if (!held) return;
    const place = () => {
      gaps.forEach(({ x, y }, at) => {
        const mark = list.current?.children[at];
        const pixel = held.pixelOf(x, y);
        if (!(mark instanceof HTMLElement) || !pixel) return;
        mark.style.visibility = "visible";
        mark.style.transform = `translate(${pixel[0].toFixed(1)}px, ${pixel[1].toFixed(1)}px)`;
      });
    };
    place();
    return held.onPicture(place);
  }, [stage, gaps]);
  if (gaps.length === 0) return null;
  return (
    <ul ref={list} className={styles.marks} aria-label="Holes and spills">
      {gaps.map((gap, at) => (
        <li key={at} className={styles.at}>
          <button type="button" className={styles.mark} style={{ color: css(directionColor(latent.palette.theme, "gap", gap.kind === "hole")) }} aria-label={`${gap.kind === "hole" ? "Hole" : "Spill"}. ${wordsOf(gap)}`} data-gap={gap.kind}>
            {gap.kind === "hole" ? "○" : "●"}
          </button>
          <p className={styles.words} aria-hidden="true">
            <b>{gap.kind === "hole" ? "Hole" : "Spill"}</b> {wordsOf(gap)}
          </p>
        </li>
      ))}
    </ul>
  );
}
