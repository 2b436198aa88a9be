"use client";
import Link from "next/link";
import { memo, useEffect, useState } from "react";
import type { RunRow } from "@/api/runs";
import { ago, clock, count, steady } from "@/lib/format";
import { lossOf, scoreOf } from "@/lib/runList";
import { datasetWords, modelWords, reasonWords, stateWords } from "@/lib/words";
import { IconButton } from "@/ui/Button";
import { PencilIcon, TrashIcon } from "@/ui/icons";
import { numberCell } from "@/ui/Table";
import { Tag } from "@/ui/Tag";
import { LossSpark } from "./LossSpark";
import styles from "./RunsTable.module.css";

interface RunLineProps {
  readonly run: RunRow;
  readonly onLabels: (run: RunRow) => void;
  readonly onDelete: (run: RunRow) => void;
}

const SCORE_WORDS: Readonly<Record<string, string>> = {
  clustering_accuracy: "clustering",
  probe_accuracy: "probe",
  knn_accuracy: "neighbors",
};

const SCORE_TITLES: Readonly<Record<string, string>> = {
  clustering_accuracy: "Best clustering accuracy: components against labels",
  probe_accuracy: "Best accuracy of a linear classifier on the latents",
  knn_accuracy: "Best accuracy of the nearest neighbors in latent space",
};

/** One run of the list; renders again only when its row changes. */
export const RunLine = memo(function RunLine({ run, onLabels, onDelete }: RunLineProps) {
  const score = scoreOf(run.best_metrics);
  const total = run.total_epochs;
  const readable = run.state !== "unreadable";
  return (
    <tr className={styles.row}>
      <td className={styles.name} title={run.run_id}>
        {readable ? <Link href={`/runs/${encodeURIComponent(run.run_id)}`}>{run.display_name}</Link> : run.run_id}
      </td>
      <td className={styles.second}>{modelWords(run.model_kind)}</td>
      <td className={styles.second}>{datasetWords(run.dataset)}</td>
      <td>
        <State run={run} />
      </td>
      <td className={numberCell}>
        {readable && count(run.epoch)}
        {readable && run.state !== "completed" && total ? <span className={styles.third}> / {count(total)}</span> : null}
      </td>
      <td className={styles.spark}>{readable && <LossSpark run={run} />}</td>
      <td className={numberCell}>{value(lossOf(run.last_metrics))}</td>
      <td className={`${numberCell} ${styles.key}`}>{value(lossOf(run.best_metrics))}</td>
      <td className={numberCell} title={score ? SCORE_TITLES[score.name] : undefined}>
        {score ? <>{(score.value * 100).toFixed(1)}%<small className={styles.of}>{SCORE_WORDS[score.name] ?? score.name}</small></> : <span className={styles.third}>–</span>}
      </td>
      <td className={`${numberCell} ${styles.second}`}>{clock(run.duration_s)}</td>
      <td className={`${numberCell} ${styles.second}`}>
        <Ago iso={run.created ?? null} />
      </td>
      <td>
        <span className={styles.tags}>
          {(run.tags ?? []).map((tag) => (
            <Tag key={tag}>{tag}</Tag>
          ))}
        </span>
      </td>
      <td className={numberCell}>
        <span className={styles.actions}>
          <IconButton label={`Rename or tag ${run.display_name}`} onClick={() => onLabels(run)}>
            <PencilIcon />
          </IconButton>
          <IconButton label={`Delete ${run.display_name}`} onClick={() => onDelete(run)}>
            <TrashIcon />
          </IconButton>
        </span>
      </td>
    </tr>
  );
});

function State({ run }: { readonly run: RunRow }) {
  const { label, tone } = stateWords(run.state);
  const why = run.state === "failed" || run.state === "unreadable" ? reasonWords(run.reason, run.message) : undefined;
  return (
    <Tag tone={run.state === "running" ? "accent" : tone} dot title={why}>
      {label}
    </Tag>
  );
}

function value(loss: number | null) {
  return loss === null ? <span className={styles.third}>–</span> : steady(loss);
}

/** How long ago; looked at anew every half minute. */
function Ago({ iso }: { readonly iso: string | null }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return <time dateTime={iso ?? undefined}>{ago(iso, now)}</time>;
}
