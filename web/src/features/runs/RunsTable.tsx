import type { RunRow } from "@/api/runs";
import { numberCell, SortHead, Table, type Sorting } from "@/ui/Table";
import { RunLine } from "./RunLine";
import styles from "./RunsTable.module.css";
import { ROW_HEIGHT, useWindow } from "./useWindow";

/** Widths of the columns; tags take what is left. */
const WIDTHS = ["16%", 122, 100, 104, 92, 136, 88, 88, 88, 80, 104, "auto", 84] as const;

interface RunsTableProps {
  readonly runs: readonly RunRow[];
  readonly sorting: Sorting;
  readonly onSort: (column: string) => void;
  readonly onLabels: (run: RunRow) => void;
  readonly onDelete: (run: RunRow) => void;
}

export function RunsTable({ runs, sorting, onSort, onLabels, onDelete }: RunsTableProps) {
  const head = { sorting, onSort };
  const { ref, from, to, onScroll } = useWindow(runs.length);
  return (
    <div ref={ref} className={styles.scroll} onScroll={onScroll}>
      <Table label="Runs" rows={runs.length + 1}>
        <colgroup>
          {WIDTHS.map((width, column) => (
            <col key={column} style={{ width }} />
          ))}
        </colgroup>
        <thead className={styles.head}>
          <tr>
            <SortHead column="name" {...head}>Name</SortHead>
            <SortHead column="model" {...head}>Model</SortHead>
            <SortHead column="data" {...head}>Data</SortHead>
            <SortHead column="status" {...head}>Status</SortHead>
            <SortHead column="epoch" number {...head}>Epoch</SortHead>
            <th scope="col">Loss</th>
            <SortHead column="last" number {...head}>Last loss</SortHead>
            <SortHead column="best" number {...head}>Best loss</SortHead>
            <SortHead column="score" number {...head}>Accuracy</SortHead>
            <SortHead column="duration" number {...head}>Duration</SortHead>
            <SortHead column="created" number {...head}>Created</SortHead>
            <th scope="col">Tags</th>
            <th scope="col" className={numberCell}>
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {from > 0 && <tr aria-hidden="true" style={{ height: from * ROW_HEIGHT }} />}
          {runs.slice(from, to).map((run) => (
            <RunLine key={run.run_id} run={run} onLabels={onLabels} onDelete={onDelete} />
          ))}
          {to < runs.length && <tr aria-hidden="true" style={{ height: (runs.length - to) * ROW_HEIGHT }} />}
        </tbody>
      </Table>
    </div>
  );
}
