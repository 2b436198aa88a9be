"use client";
import { useDeferredValue, useMemo, useState } from "react";
import { useEpoch, useRun } from "@/features/session/RunSession";
import { timeOfDay } from "@/lib/format";
import type { LogLine } from "@/lib/runState";
import { Checkbox } from "@/ui/Checkbox";
import { Section } from "@/ui/Section";
import { TextInput } from "@/ui/TextInput";
import styles from "./events.module.css";

const MOST = 200;

/** What happened, newest first; a line's epoch moves the scrubber there. */
export function EventsPanel() {
  const log = useRun((run) => run.log);
  const [, epochs] = useEpoch();
  const [filter, setFilter] = useState("");
  const [files, setFiles] = useState(false);
  const words = useDeferredValue(filter.trim().toLowerCase());
  const lines = useMemo(() => select(log, words, files), [log, words, files]);
  const aside = (
    <>
      <Checkbox checked={files} onChange={setFiles}>Files</Checkbox>
      <TextInput className={styles.filter} aria-label="Filter events" placeholder="Filter" value={filter} onChange={(event) => setFilter(event.target.value)} />
    </>
  );
  return (
    <Section title="Events" aside={aside}>
      {lines.length === 0 ? (
        <p className={styles.none}>{log.length === 0 ? "Nothing has happened yet." : "No event fits the filter."}</p>
      ) : (
        <ol className={styles.list} tabIndex={0} aria-label="Events, newest first">
          {lines.slice(0, MOST).map((line) => (
            <li key={line.id} className={styles.line} data-event={line.id} data-tone={line.tone}>
              <button type="button" className={styles.epoch} title={`Epoch ${line.epoch}, step ${line.step}`} onClick={() => epochs.go(line.epoch)}>
                {line.epoch}
              </button>
              <time className={styles.time} dateTime={line.time}>{timeOfDay(line.time)}</time>
              <span className={styles.text}>{line.text}</span>
            </li>
          ))}
          {lines.length > MOST && <li className={styles.none}>and {lines.length - MOST} earlier ones: filter to see them</li>}
        </ol>
      )}
    </Section>
  );
}

function select(log: readonly LogLine[], words: string, files: boolean): readonly LogLine[] {
  return log
    .filter((line) => files || line.type !== "artifact.created")
    .filter((line) => words === "" || `${line.epoch} ${line.type} ${line.text}`.toLowerCase().includes(words))
    .reverse();
}
