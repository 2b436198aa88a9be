"use client";
import { useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { compact } from "@/lib/format";
import { spanOf } from "@/lib/ticks";
import { AXIS_WIDTH, EDGE, readInk, ROOM } from "./ink";
import styles from "./curves.module.css";

export interface StripData {
  readonly x: readonly number[];
  readonly values: readonly (number | null)[];
}

interface StripProps {
  readonly validation: StripData | null;
  readonly training: StripData | null;
  /** Epochs that the width stands for. */
  readonly last: number;
  readonly height: number;
  /** Colors are read anew when it changes. */
  readonly theme: string;
  /** Where the scrubber stands, and the value there: marked by a dot. Null where there is no value of that very place. */
  readonly at: number | null;
  readonly value: number | null;
}

type Table = [number[], (number | null | undefined)[], (number | null | undefined)[]];

/** One term over the epochs: validation over training. Its cursor is drawn by the stack around it. */
export function Strip({ validation, training, last, height, theme, at, value }: StripProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ last, table: join(training, validation) });
  useEffect(() => {
    latest.current = { last, table: join(training, validation) };
    plot.current?.setData(latest.current.table);
  }, [validation, training, last]);
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const size = () => ({ width: Math.max(80, element.clientWidth), height });
    const made = new uPlot({ ...options(latest), ...size() }, latest.current.table, element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [height, theme]);
  const span = useMemo(() => spanOf([...(training?.values ?? []), ...(validation?.values ?? [])]), [training, validation]);
  const share = value === null || at === null ? -1 : (value - span.low) / (span.high - span.low);
  return (
    <div className={styles.frame}>
      <div ref={host} className={styles.plot} style={{ height }} />
      <div className={styles.field} style={{ left: AXIS_WIDTH, right: EDGE, top: ROOM, bottom: ROOM }}>
        {share >= 0 && share <= 1 && (
          <span className={styles.dot} style={{ left: `${(Math.min(at ?? 0, last) / last) * 100}%`, top: `${(1 - share) * 100}%` }} />
        )}
      </div>
    </div>
  );
}

function options(latest: { current: { last: number; table: Table } }): Omit<uPlot.Options, "width" | "height"> {
  const ink = readInk();
  const span = () => spanOf([...latest.current.table[1], ...latest.current.table[2]]);
  return {
    legend: { show: false },
    cursor: { show: false },
    padding: [ROOM, EDGE, ROOM, 0],
    scales: {
      x: { time: false, range: () => [0, latest.current.last] },
      y: { range: () => [span().low, span().high] },
    },
    axes: [
      { show: false },
      {
        size: AXIS_WIDTH,
        gap: 8,
        font: ink.font,
        stroke: ink.text,
        grid: { stroke: ink.line, width: 1 },
        ticks: { show: false },
        splits: () => [...span().marks],
        values: (_, marks) => marks.map((mark) => compact(mark, 3)),
      },
    ],
    series: [
      {},
      { stroke: ink.second, width: 1, points: { show: false }, spanGaps: true },
      { stroke: ink.accent, width: 1.5, points: { show: false }, spanGaps: true },
    ],
  };
}

/** Two curves on one x, as uPlot wants them. */
function join(training: StripData | null, validation: StripData | null): Table {
  const empty: [number[], (number | null)[]] = [[], []];
  const pair = (data: StripData | null) => (data ? ([[...data.x], [...data.values]] as [number[], (number | null)[]]) : empty);
  return uPlot.join([pair(training), pair(validation)]) as Table;
}
