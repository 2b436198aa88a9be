"use client";
import Link from "next/link";
import { memo, useMemo } from "react";
import { compact } from "@/lib/format";
import { numberWriter } from "@/lib/sweep/digits";
import type { Variant } from "@/lib/sweep/sweep";
import { directionWords, hasFront, heatOf, metricWords, OWN_COLUMNS, sortVariants, type Heat } from "@/lib/sweep/table";
import { stateWords } from "@/lib/words";
import { variantWords } from "@/lib/sweep/words";
import { Notice } from "@/ui/Notice";
import { numberCell, SortHead, Table } from "@/ui/Table";
import { Tag } from "@/ui/Tag";
import { useMetric, usePointed, useSweep, useSweepPage } from "../context";
import styles from "./MetricTable.module.css";

/** Every variant and its metrics: to sort by, with the better end of each colored and the best marked. */
export function MetricTable({ all }: { readonly all: boolean }) {
  const { look, change, session } = useSweepPage();
  const { variants, columns, directions, pareto, missing } = useSweep();
  const chosen = useMetric();
  const pointed = usePointed();
  const shown = useMemo(() => {
    const few = new Set([...Object.keys(directions), "wall/ring", "wall/residual", chosen]);
    return all ? columns : columns.filter((name) => few.has(name));
  }, [all, columns, directions, chosen]);
  const inks = useMemo(() => {
    const ink = (values: Parameters<typeof numberWriter>[0], name: string) => ({ heat: heatOf(values, directions[name] ?? null), write: numberWriter(values) });
    return new Map(shown.map((name) => [name, ink(variants.map(({ metrics }) => metrics[name]), name)]));
  }, [shown, variants, directions]);
  const known = look.sort === OWN_COLUMNS.name || look.sort === OWN_COLUMNS.state || shown.includes(look.sort);
  const [column, descending] = known ? [look.sort, look.descending] : [OWN_COLUMNS.name, false];
  const rows = useMemo(() => sortVariants(variants, column, descending), [variants, column, descending]);
  const front = useMemo(() => new Set(hasFront(directions) ? pareto : []), [directions, pareto]);
  const head = {
    sorting: { column, descending },
    onSort: (name: string) => change(name === column ? { descending: !descending } : { sort: name, descending: directions[name] === "max" }),
  };
  return (
    <section className={styles.side} data-all={all || undefined} aria-label="Metrics">
      <div className={styles.scroll} tabIndex={0} role="group" aria-label="Metric table">
        <Table label="Metrics of all variants">
          <thead className={styles.head}>
            <tr>
              <SortHead column={OWN_COLUMNS.name} {...head}>Variant</SortHead>
              <SortHead column={OWN_COLUMNS.state} {...head}>Status</SortHead>
              {shown.map((name) => (
                <SortHead key={name} column={name} number {...head}>
                  <span title={`${name}: ${directionWords(directions[name] ?? null)}`}>{metricWords(name)}{MARKS[directions[name] ?? ""]}</span>
                </SortHead>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((variant) => (
              <Row
                key={variant.index}
                variant={variant}
                columns={shown}
                inks={inks}
                front={front.has(variant.index)}
                lit={pointed?.tile === variant.index}
                framed={look.tile === variant.index}
                onPoint={(tile) => session.point(tile === null ? null : { tile, at: null, x: 0, y: 0 })}
              />
            ))}
          </tbody>
        </Table>
        {columns.length === 0 && <Notice title="No metrics yet">They come with the first epoch of each variant.</Notice>}
      </div>
      <p className={styles.foot}>
        {Object.keys(directions).length === 0
          ? "The sweep does not say which metrics are better low or high: none is marked best."
          : `${front.size > 0 ? "◆ Pareto front: no other variant is better in all of them. " : ""}The better the value, the stronger its color; the best is underlined.`}
        {missing.length > 0 && ` No variant has ${missing.map(metricWords).join(", ")} yet.`}
      </p>
    </section>
  );
}

const MARKS: Readonly<Record<string, string>> = { min: " ↓", max: " ↑" };

/** How a column's numbers are written and colored. */
interface Ink {
  readonly heat: Heat;
  readonly write: (value: number) => string;
}

interface RowProps {
  readonly variant: Variant;
  readonly columns: readonly string[];
  readonly inks: ReadonlyMap<string, Ink>;
  readonly front: boolean;
  readonly lit: boolean;
  readonly framed: boolean;
  readonly onPoint: (tile: number | null) => void;
}

const Row = memo(function Row({ variant, columns, inks, front, lit, framed, onPoint }: RowProps) {
  const { label, tone } = stateWords(variant.state);
  return (
    <tr className={styles.row} data-lit={lit || undefined} data-framed={framed || undefined} data-row={variant.index} onPointerEnter={() => onPoint(variant.index)} onPointerLeave={() => onPoint(null)}>
      <th scope="row" className={styles.name}>
        <Link href={`/runs/${encodeURIComponent(variant.runId)}`} prefetch={false} title={variant.name}>{variant.name}</Link>
        {front && <i className={styles.front} title="On the Pareto front">◆<span className="visually-hidden"> on the Pareto front</span></i>}
      </th>
      <td><Tag tone={variant.state === "running" ? "accent" : tone} dot title={variantWords(variant, null)}>{label}</Tag></td>
      {columns.map((name) => <Cell key={name} value={variant.metrics[name] ?? null} ink={inks.get(name) ?? null} />)}
    </tr>
  );
});

const STRONGEST = 34;

function Cell({ value, ink }: { readonly value: number | null; readonly ink: Ink | null }) {
  if (value === null || !ink) return <td className={`${numberCell} ${styles.none}`}>–</td>;
  const best = ink.heat.best === value;
  const share = ink.heat.direction ? Math.round(ink.heat.shareOf(value) * STRONGEST) : 0;
  const style = share > 0 ? { background: `color-mix(in srgb, var(--accent) ${share}%, transparent)` } : undefined;
  return (
    <td className={numberCell} style={style} data-best={best || undefined} title={compact(value, 8)}>
      <span className={best ? styles.best : undefined}>{ink.write(value)}{best && <span className="visually-hidden">, the best</span>}</span>
    </td>
  );
}
