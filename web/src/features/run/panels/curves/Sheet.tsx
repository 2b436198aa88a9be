import { useMemo } from "react";
import { compact, count } from "@/lib/format";
import { columnWords } from "@/lib/strips";
import { sheetOf, type Timeline } from "@/lib/timeline";
import styles from "./curves.module.css";

interface SheetProps {
  readonly timeline: Timeline;
  readonly step: number;
  readonly onStep: (step: number) => void;
}

/** The dopesheet as a table: a row for every step at which something is pinned, starts or happens. */
export function Sheet({ timeline, step, onStep }: SheetProps) {
  const rows = useMemo(() => sheetOf(timeline), [timeline]);
  const now = rows.findLast((row) => row.step <= step);
  const acts = rows.some(({ actions }) => actions.length > 0);
  const phased = rows.some(({ phase }) => phase !== null);
  return (
    <div className={styles.scroll}>
      <table className={styles.sheet} aria-label="Keyframes">
        <thead>
          <tr>
            <th scope="col">Step</th>
            {phased && <th scope="col" data-words>Phase</th>}
            {acts && <th scope="col" data-words>Action</th>}
            {timeline.columns.map(({ name, timing, space }) => (
              <th key={name} scope="col" title={`${name}: ${timing}, ${space}`}>{columnWords(name)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.step} aria-current={row === now || undefined}>
              <th scope="row">
                <button type="button" onClick={() => onStep(row.step)} title={`Go to step ${count(row.step)}`}>{count(row.step)}</button>
              </th>
              {phased && <td data-words>{row.phase}</td>}
              {acts && <td data-words>{row.actions.join(", ")}</td>}
              {timeline.columns.map(({ name }) => (
                <td key={name}>{name in row.values && compact(row.values[name], 3)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
