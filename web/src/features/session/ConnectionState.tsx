"use client";
import type { Connection } from "@/api/stream";
import { useLink } from "./RunSession";
import styles from "./Shell.module.css";

const WORDS: Readonly<Record<Connection, readonly [string, string]>> = {
  connecting: ["Connecting", "plain"],
  connected: ["Connected", "ok"],
  reconnecting: ["Reconnecting", "warn"],
  paused: ["Paused while hidden", "plain"],
  gone: ["Run is gone", "error"],
  refused: ["Not let in", "error"],
};

/** Whether what is on screen is still told by the server. */
export function ConnectionState() {
  const { connection } = useLink();
  const [words, tone] = WORDS[connection];
  return (
    <span className={styles.state} role="status" data-connection={connection}>
      <span className={styles.dot} data-tone={tone} aria-hidden="true" />
      {words}
    </span>
  );
}
