"use client";
import Link from "next/link";
import { useEffect, useState } from "react";
import { ago, clock } from "@/lib/format";
import { isEnded, type SweepLine } from "@/lib/sweep/sweep";
import { progressWords } from "@/lib/sweep/words";
import { reasonWords } from "@/lib/words";
import { IconButton } from "@/ui/Button";
import { TrashIcon } from "@/ui/icons";
import { numberCell, Table } from "@/ui/Table";
import { Tag } from "@/ui/Tag";
import styles from "./SweepsScreen.module.css";

interface SweepsTableProps {
  readonly sweeps: readonly SweepLine[];
  readonly onDelete: (sweep: SweepLine) => void;
}

export function SweepsTable({ sweeps, onDelete }: SweepsTableProps) {
  const now = useNow();
  return (
    <div className={styles.scroll}>
      <Table label="Sweeps">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Status</th>
            <th scope="col" className={styles.wide}>Variants</th>
            <th scope="col">Executor</th>
            <th scope="col" className={numberCell}>Duration</th>
            <th scope="col" className={numberCell}>Created</th>
            <th scope="col" className={numberCell}><span className="visually-hidden">Actions</span></th>
          </tr>
        </thead>
        <tbody>
          {sweeps.map((sweep) => (
            <tr key={sweep.id} className={styles.row}>
              <td className={styles.name} title={sweep.id}><Link href={`/sweeps/${encodeURIComponent(sweep.id)}`}>{sweep.name}</Link><small>{sweep.id.split("-").at(-1)}</small></td>
              <td><Status sweep={sweep} /></td>
              <td className={styles.wide}><Shares sweep={sweep} /></td>
              <td className={styles.second}>{sweep.executor}</td>
              <td className={`${numberCell} ${styles.second}`}>{clock(secondsOf(sweep, now))}</td>
              <td className={`${numberCell} ${styles.second}`}><time dateTime={sweep.created ?? undefined}>{ago(sweep.created, now)}</time></td>
              <td className={numberCell}>
                <span className={styles.actions}>
                  <IconButton label={`Delete ${sweep.name}`} onClick={() => onDelete(sweep)}><TrashIcon /></IconButton>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function Status({ sweep }: { readonly sweep: SweepLine }) {
  const { label, tone } = progressWords(sweep);
  const why = sweep.state === "failed" ? reasonWords(sweep.reason, sweep.message) : undefined;
  return <Tag tone={tone} dot title={why}>{label}</Tag>;
}

const PARTS = ["completed", "running", "failed", "unreadable", "cancelled"] as const;

/** How many variants are done, train and failed, as a bar; those that wait are its ground. */
function Shares({ sweep: { counts, size } }: { readonly sweep: SweepLine }) {
  const words = Object.entries(counts).map(([state, count]) => `${count} ${state}`).join(", ");
  return (
    <span className={styles.shares} role="img" aria-label={words} title={words}>
      {PARTS.map((state) => (counts[state] ? <span key={state} data-state={state} style={{ width: `${(100 * counts[state]) / Math.max(size, 1)}%` }} /> : null))}
    </span>
  );
}

function secondsOf({ started, ended, state }: SweepLine, now: number): number | null {
  if (!started) return null;
  const end = ended ? Date.parse(ended) : isEnded(state) ? Number.NaN : now;
  return (end - Date.parse(started)) / 1000;
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
