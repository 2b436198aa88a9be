import type { ReactNode } from "react";
import styles from "./Table.module.css";

export interface Sorting {
  readonly column: string;
  readonly descending: boolean;
}

interface HeadProps {
  readonly column: string;
  readonly sorting: Sorting;
  readonly number?: boolean;
  readonly onSort: (column: string) => void;
  readonly children: ReactNode;
}

/** A column's head that sorts by it. */
export function SortHead({ column, sorting, number, onSort, children }: HeadProps) {
  const on = sorting.column === column;
  const order = on ? (sorting.descending ? "descending" : "ascending") : "none";
  return (
    <th scope="col" aria-sort={order} className={number ? styles.number : undefined}>
      <button type="button" className={styles.sort} data-on={on || undefined} onClick={() => onSort(column)}>
        {children}
        {on && (
          <span className={styles.arrow} aria-hidden="true">
            {sorting.descending ? "▼" : "▲"}
          </span>
        )}
      </button>
    </th>
  );
}

interface TableProps {
  readonly label: string;
  /** All rows, the head included, where only those in sight are drawn. */
  readonly rows?: number;
  readonly children: ReactNode;
}

export function Table({ label, rows, children }: TableProps) {
  return (
    <table className={styles.table} aria-label={label} aria-rowcount={rows}>
      {children}
    </table>
  );
}

export const numberCell = styles.number;
