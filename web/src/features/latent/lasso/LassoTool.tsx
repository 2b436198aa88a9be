"use client";
import { useCallback, useEffect, useRef, useState, type PointerEvent, type RefObject } from "react";
import type { Stage } from "@/charts/map/stage";
import { caught, drawn, isLoop, type Pixel } from "@/lib/lasso";
import { Button } from "@/ui/Button";
import { useLatent } from "../latent";
import styles from "./lasso.module.css";
import { useLassoKey } from "./useLassoKey";

interface LassoToolProps {
  readonly stage: RefObject<Stage | null>;
  /** dataset_idx of each point of the map that is shown. */
  readonly ids: Int32Array;
  /** Whether a point (by its place) belongs to a class that is shown. */
  readonly isShown: (at: number) => boolean;
}

/** The button of the lasso; pressed, the next stroke on the map selects what it goes around. */
export function LassoTool({ stage, ids, isShown }: LassoToolProps) {
  const [on, setOn] = useState(false);
  const { view, change } = useLatent();
  const toggle = useCallback(() => setOn((was) => !was), []);
  const off = useCallback(() => setOn(false), []);
  useLassoKey(on, toggle, off);
  const select = (outline: readonly Pixel[], how: "set" | "add" | "take") => {
    const places = stage.current?.places();
    if (!places || !isLoop(outline)) return;
    const found = caught(outline, places, isShown).map((at) => ids[at] as number);
    const before = new Set(how === "set" ? [] : view.selected);
    for (const id of found) before[how === "take" ? "delete" : "add"](id);
    change({ selected: [...before], ...(before.size > 0 && { focus: null }) });
    setOn(false);
  };
  return (
    <>
      {on && <Outline onDone={select} />}
      <Button look="plain" className={styles.button} aria-pressed={on} onClick={toggle} title="Draw around points to select them (L). With Shift it adds, with Alt it takes away.">
        <LassoIcon />
        Lasso
      </Button>
    </>
  );
}

interface OutlineProps {
  readonly onDone: (outline: readonly Pixel[], how: "set" | "add" | "take") => void;
}

/** Lies over the map while the tool is on, and draws the stroke. */
function Outline({ onDone }: OutlineProps) {
  const [outline, setOutline] = useState<readonly Pixel[]>([]);
  const room = useRef<HTMLDivElement>(null);
  const at = (event: PointerEvent): Pixel => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const finish = (event: PointerEvent) => {
    if (outline.length === 0) return;
    setOutline([]);
    if (event.type === "pointerup") onDone(outline, event.altKey ? "take" : event.shiftKey ? "add" : "set");
  };
  useEffect(() => room.current?.focus({ preventScroll: true }), []);
  const path = outline.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
  return (
    <div
      ref={room}
      className={styles.room}
      data-lasso=""
      role="group"
      tabIndex={-1}
      aria-label="Draw around the points to select"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setOutline([at(event)]);
      }}
      onPointerMove={(event) => {
        if (outline.length > 0) setOutline(drawn(outline, at(event)));
      }}
      onPointerUp={finish}
      onPointerCancel={finish}
    >
      {outline.length > 1 && (
        <svg className={styles.stroke} aria-hidden="true">
          <path d={`M${path}Z`} />
        </svg>
      )}
      {outline.length === 0 && <p className={styles.hint}>Draw around points. Shift adds, Alt takes away, Esc leaves.</p>}
    </div>
  );
}

function LassoIcon() {
  return (
    <svg width={14} height={14} viewBox="0 0 14 14" fill="none" stroke="currentColor" strokeWidth={1.4} aria-hidden="true">
      <ellipse cx="7" cy="5.4" rx="5.4" ry="3.8" strokeDasharray="3 1.6" />
      <path d="M3.2 8.2c-1.2.6-1.4 2 0 2.2 1.1.2 1.5 1 .6 2" />
    </svg>
  );
}
