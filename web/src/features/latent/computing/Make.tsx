"use client";
import { useEffect, useRef } from "react";
import { percent } from "@/lib/format";
import { Button } from "@/ui/Button";
import styles from "./Make.module.css";
import { useMaking } from "./useMaking";

interface MakeProps {
  readonly kinds: readonly string[];
  readonly epoch: number;
  readonly label: string;
  /** What is under way, in words. */
  readonly doing: string;
  readonly quiet?: boolean;
  /** What to expect of it. */
  readonly title?: string;
  /** A share that is known from elsewhere. */
  readonly told?: number | null;
  readonly onDone?: () => void;
}

/** The scrubber rests this long before the server is asked what is under way. */
const REST_MS = 300;

/** A button that has artifacts made; in its place, how far that is, or why it failed. */
export function Make({ kinds, epoch, label, doing, quiet = false, title, told = null, onDone }: MakeProps) {
  const [progress, making] = useMaking(kinds, epoch);
  // When it is done there may be no button any more: then whoever asked is told all the same.
  const whenDone = useRef(onDone);
  useEffect(() => {
    whenDone.current = onDone;
  }, [onDone]);
  const tell = (made: boolean) => made && whenDone.current?.();
  useEffect(() => {
    const timer = setTimeout(() => void making.join().then((made) => made && whenDone.current?.()), REST_MS);
    return () => clearTimeout(timer);
  }, [making]);
  if (progress.state === "running") {
    const done = progress.done === null ? told : Math.max(progress.done, told ?? 0);
    return (
      <div className={styles.running} role="status">
        <p className={styles.line}>
          <span>{progress.message === "waiting for its turn" ? "Waiting for its turn" : doing}</span>
          <span>{done !== null && done > 0 && percent(done)}</span>
        </p>
        <span className={styles.rail} role="progressbar" aria-label={doing} aria-valuemin={0} aria-valuemax={100} aria-valuenow={done === null ? undefined : Math.round(done * 100)}>
          <span className={styles.bar} data-open={!done || undefined} style={done ? { width: `${done * 100}%` } : undefined} />
        </span>
        <button type="button" className={styles.stop} style={{ justifySelf: "start" }} onClick={() => void making.cancel()}>
          Cancel
        </button>
      </div>
    );
  }
  return (
    <div className={styles.make}>
      {progress.problem && (
        <p className={styles.problem} role="alert">
          <b>{sentence(progress.problem.what)}</b> {progress.problem.remedy}
        </p>
      )}
      <Button look={quiet ? "quiet" : "plain"} title={title} onClick={() => void making.start().then(tell)}>
        {progress.problem ? "Try again" : label}
      </Button>
    </div>
  );
}

function sentence(words: string): string {
  const first = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
