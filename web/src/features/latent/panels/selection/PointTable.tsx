"use client";
import { useState } from "react";
import { steady } from "@/lib/format";
import type { Selected, SortKey } from "@/lib/latent/selection";
import { css } from "@/lib/rgb";
import { useLatent } from "../../latent";
import { classColor } from "../../look";
import { Thumb } from "../../Thumb";
import styles from "./selection.module.css";

interface PointTableProps {
  readonly points: readonly Selected[];
  readonly sorting: { readonly key: SortKey; readonly descending: boolean };
  readonly onSort: (key: SortKey) => void;
}

const ROW = 32;
const SHOWN = 12;
const SPARE = 6;
const HEADS: readonly (readonly [key: SortKey, words: string])[] = [["label", "Label"], ["id", "Index"], ["error", "Error"]];

/** The points line by line, each with its thumbnail; only the lines in sight are drawn. A click goes there. */
export function PointTable({ points, sorting, onSort }: PointTableProps) {
  const { sheet, change, labelName, palette } = useLatent();
  const [top, setTop] = useState(0);
  const first = Math.max(0, Math.min(Math.floor(top / ROW) - SPARE, points.length - SHOWN));
  const drawn = points.slice(first, first + SHOWN + 2 * SPARE);
  const has = (key: SortKey) => points.some((point) => point[key] !== null);
  const heads = HEADS.filter(([key]) => key === "id" || has(key));
  return (
    <div className={styles.table} role="table" aria-label="Selected points" aria-rowcount={points.length + 1} data-columns={heads.length}>
      <div className={styles.head} role="row">
        <span role="columnheader" className="visually-hidden">Example</span>
        {heads.map(([key, words]) => (
          <span key={key} role="columnheader" aria-sort={key !== sorting.key ? "none" : sorting.descending ? "descending" : "ascending"} data-of={key}>
            <button type="button" className={styles.sort} data-on={key === sorting.key || undefined} onClick={() => onSort(key)}>
              {words}
              <span aria-hidden="true">{key !== sorting.key ? "" : sorting.descending ? " ▼" : " ▲"}</span>
            </button>
          </span>
        ))}
      </div>
      <div className={styles.scroll} role="rowgroup" tabIndex={0} aria-label="Lines" onScroll={(event) => setTop(event.currentTarget.scrollTop)} style={{ maxHeight: ROW * SHOWN }}>
        <div className={styles.all} role="presentation" style={{ height: points.length * ROW }}>
          {drawn.map((point, at) => (
            <div key={point.id} role="row" aria-rowindex={first + at + 2} className={styles.line} style={{ top: (first + at) * ROW }}>
              <span role="cell">
                <button type="button" className={styles.go} aria-label={`Point ${point.id}`} title={`Puts point ${point.id} in focus`} onClick={() => change({ focus: point.id })} />
                <Thumb sheet={sheet} id={point.id} size={28} />
              </span>
              {heads.map(([key]) => (
                <span key={key} role="cell" data-of={key}>
                  {key === "label" && point.label !== null && (
                    <>
                      <span className={styles.dot} style={{ background: css(classColor(palette, point.label)) }} aria-hidden="true" />
                      <span className={styles.name}>{labelName(point.label)}</span>
                    </>
                  )}
                  {key === "id" && point.id}
                  {key === "error" && steady(point.error)}
                </span>
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
