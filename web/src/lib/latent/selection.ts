import { csvOf } from "../csv";
import { orderOf } from "../film";
import type { Anatomy } from "./anatomy";
import type { MapFrame } from "./map";

/** One selected point, as the table and the download tell of it. Null for what the run has not. */
export interface Selected {
  readonly id: number;
  readonly label: number | null;
  readonly component: number | null;
  readonly predicted: number | null;
  /** Reconstruction term. */
  readonly error: number | null;
}

export type SortKey = "id" | "label" | "error";

/** What is known of each selected point that is on the map; the others are left out. */
export function selectedOf(ids: readonly number[], map: MapFrame | null, anatomy: Anatomy | null): readonly Selected[] {
  if (!map) return [];
  const [onMap, inAnatomy] = [orderOf(map.ids), anatomy && orderOf(anatomy.ids)];
  return ids.flatMap((id) => {
    const at = onMap.get(id);
    if (at === undefined) return [];
    const place = inAnatomy?.get(id) ?? -1;
    const whole = (column: Int32Array | null | undefined, index: number) => {
      const value = column?.[index];
      return value === undefined || value < 0 ? null : value;
    };
    const error = anatomy?.reconstruction?.[place];
    return [{
      id,
      label: whole(map.label, at),
      component: whole(anatomy?.component, place),
      predicted: whole(anatomy?.predicted, place),
      error: error === undefined || Number.isNaN(error) ? null : error,
    }];
  });
}

/** Sorted by a column; what has no value comes last either way, and equals stay in the order of ids. */
export function sortedBy(points: readonly Selected[], key: SortKey, descending: boolean): readonly Selected[] {
  const sign = descending ? -1 : 1;
  return [...points].sort((a, b) => {
    const [x, y] = [a[key], b[key]];
    if (x === null || y === null) return x === y ? a.id - b.id : x === null ? 1 : -1;
    return x === y ? a.id - b.id : sign * (x - y);
  });
}

/** The selection as a file; columns that the run has nothing for are left out. */
export function selectionCsv(points: readonly Selected[], labelName: (value: number) => string): string {
  const has = (key: keyof Selected) => points.some((point) => point[key] !== null);
  const columns: readonly (readonly [head: string, here: boolean, cell: (point: Selected) => string | number | null])[] = [
    ["dataset_idx", true, ({ id }) => id],
    ["label", has("label"), ({ label }) => label],
    ["label_name", has("label") && points.some(({ label }) => label !== null && labelName(label) !== String(label)), ({ label }) => (label === null ? null : labelName(label))],
    ["component", has("component"), ({ component }) => component],
    ["predicted", has("predicted"), ({ predicted }) => predicted],
    ["reconstruction", has("error"), ({ error }) => error],
  ];
  const shown = columns.filter(([, here]) => here);
  return csvOf(shown.map(([head]) => head), points.map((point) => shown.map(([, , cell]) => cell(point))));
}

/** How many of the selection carry each label, the most frequent first. */
export function labelsOf(points: readonly Selected[]): readonly (readonly [label: number, count: number])[] {
  const counts = new Map<number, number>();
  for (const { label } of points) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || a - b);
}

/** The longest selection that the address carries; a longer one is of this visit only. */
export const MOST_IN_ADDRESS = 64;

export function selectionText(ids: readonly number[]): string | null {
  return ids.length === 0 || ids.length > MOST_IN_ADDRESS ? null : ids.join(".");
}

export function readSelection(text: string | null): readonly number[] {
  const ids = (text ?? "").split(".").filter((item) => /^\d{1,9}$/.test(item)).map(Number);
  return [...new Set(ids)].slice(0, MOST_IN_ADDRESS);
}
