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

/**
 * Whether what is on screen is still told by the server.
 *
 * @param brief Where there is little room: nothing but a dot while all is well.
 */
export function ConnectionState({ brief = false }: { readonly brief?: boolean }) {
  const { connection } = useLink();
  const [words, tone] = WORDS[connection];
  const quiet = brief && connection === "connected";
  return (
    <span className={styles.state} role="status" data-connection={connection} title={quiet ? words : undefined}>
      <span className={styles.dot} data-tone={tone} aria-hidden="true" />
      {quiet ? <span className="visually-hidden">{words}</span> : words}
    </span>
  );
}
