"use client";
import { useEffect, useMemo, useRef, useState } from "react";
import { arrange, tileAfter } from "@/lib/sweep/arrange";
import { codesOf } from "@/lib/sweep/codes";
import { useSweep, useSweepPage } from "../context";
import { Headings } from "./Headings";
import { HoverCard } from "./HoverCard";
import { Legend } from "./Legend";
import { Stroke } from "./Stroke";
import { Tiles } from "./Tiles";
import { useBand } from "./useBand";
import { usePointer } from "./usePointer";
import { useRoom } from "./useRoom";
import { useStage } from "./useStage";
import styles from "./Wall.module.css";

/** The wall of maps, one per variant, with everything that is the same in all of them. */
export function Wall() {
  const { look, change } = useSweepPage();
  const sweep = useSweep();
  const scroller = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const [reason, setReason] = useState<string | null>(null);
  const room = useRoom(scroller);
  const { layout, variants } = sweep;
  const spread = useMemo(() => arrange(layout, variants, room), [layout, variants, room]);
  const codes = useMemo(() => codesOf(variants.map(({ name }) => name), sweep.parts, spread.size), [variants, sweep.parts, spread.size]);
  const { band, onScroll } = useBand(scroller, room, spread.height);
  const stage = useStage({ host, spread, band, onReason: setReason });
  const { handlers, outline } = usePointer({ scroller, stage, spread, band });
  // The one that the Tab key comes to: the framed tile, else the first.
  const reachable = spread.spots.some(({ index }) => index === look.tile) ? look.tile : (spread.spots[0]?.index ?? null);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && look.selected.length > 0) change({ selected: [] });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [look.selected, change]);

  const onKeyDown = (event: React.KeyboardEvent) => {
    const at = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-tile]") : null;
    if (!at || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!event.key.startsWith("Arrow") && event.key !== "Home" && event.key !== "End") return;
    event.preventDefault(); // the scrubber leaves them alone while a tile has the focus
    const next = tileAfter(spread.spots, Number(at.dataset.tile), event.key);
    scroller.current?.querySelector<HTMLElement>(`[data-tile="${next}"]`)?.focus();
  };

  return (
    <div className={styles.side}>
    <div ref={scroller} className={styles.scroller} onScroll={onScroll} role="group" aria-label={`Maps of ${variants.length} variants`}>
      {room.width > 0 && (
        <div className={styles.wall} style={{ width: spread.width, height: spread.height }} onKeyDown={onKeyDown} {...handlers}>
          <Headings spread={spread} />
          <Tiles spread={spread} codes={codes} reachable={reachable} />
          {spread.free && <Legend codes={codes} at={spread.free} />}
          <Stroke outline={outline} />
        </div>
      )}
      <div ref={host} className={styles.points} style={{ top: band.top, width: spread.width, height: band.height }} data-wall="" />
      <HoverCard scroller={scroller} />
    </div>
    {room.width > 0 && !spread.free && <Legend codes={codes} at={null} />}
    {reason !== null && <p className={styles.reason} role="status">{reason}</p>}
    </div>
  );
}
