"use client";
import { useRef, type PointerEvent } from "react";
import { useSession } from "@/features/session/RunSession";
import type { Finding } from "@/lib/diagnoses";
import type { Phase } from "@/lib/timeline";
import styles from "./curves.module.css";

interface BackdropProps {
  readonly last: number;
  /** Where the scrubber stands, in epochs. */
  readonly at: number;
  readonly phases: readonly Phase[];
  readonly perEpoch: number | null;
  /** Marked where they began. */
  readonly findings: readonly Finding[];
}

/** Behind all strips at once: shaded phases, where trouble began, and the cursor; dragging here moves the scrubber. */
export function Backdrop({ last, at, phases, perEpoch, findings }: BackdropProps) {
  const { epoch: store } = useSession();
  const field = useRef<HTMLDivElement>(null);
  const move = (event: PointerEvent) => {
    const box = field.current?.getBoundingClientRect();
    if (box) store.go(((event.clientX - box.left) / box.width) * last);
  };
  const share = (place: number) => `${(place / last) * 100}%`;
  return (
    <div
      ref={field}
      className={styles.backdrop}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        move(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons & 1) move(event);
      }}
    >
      {perEpoch !== null &&
        phases.map((phase, index) => (
          <span
            key={phase.start}
            className={styles.phase}
            data-shade={index % 2 === 0 || undefined}
            style={{ left: share(phase.start / perEpoch), width: share((phase.end + 1 - phase.start) / perEpoch) }}
          />
        ))}
      {findings.map((finding) => (
        <span
          key={`${finding.rule}@${finding.epoch}`}
          className={styles.onset}
          data-severity={finding.severity}
          style={{ left: share(Math.min(finding.epoch, last)) }}
          title={`Epoch ${finding.epoch}: ${finding.title}`}
        />
      ))}
      <span className={styles.cursor} style={{ left: share(Math.min(at, last)) }} />
    </div>
  );
}
