import { fields, list, number, text } from "../check";

interface GridSide {
  /** The axis, a dotted key or a name. */
  readonly key: string;
  readonly labels: readonly string[];
}

/** How the variants of a sweep are arranged. */
export type Layout =
  | { readonly kind: "grid"; readonly rows: GridSide; readonly columns: GridSide }
  | { readonly kind: "groups"; readonly groups: readonly { readonly label: string; readonly indices: readonly number[] }[] }
  | { readonly kind: "flat" };

export function parseLayout(value: unknown): Layout {
  const file = fields(value, "layout");
  switch (file.kind) {
    case "flat":
      return { kind: "flat" };
    case "grid":
      return { kind: "grid", rows: side(file.rows, "rows"), columns: side(file.columns, "columns") };
    case "groups":
      return { kind: "groups", groups: list(file.groups, "groups").map(group) };
    default:
      throw new Error("layout is neither a grid, nor groups, nor flat");
  }
}

function side(value: unknown, what: string): GridSide {
  const { key, labels } = fields(value, what);
  return { key: text(key, `${what}.key`), labels: list(labels, `${what}.labels`).map((label) => text(label, `${what}.labels`)) };
}

function group(value: unknown) {
  const { label, indices } = fields(value, "a group");
  return { label: text(label, "a group's label"), indices: list(indices, "indices").map((index) => number(index, "indices")) };
}

/** The last part of a dotted key, which says most. */
export function shortKey(key: string): string {
  return key.split(".").at(-1) ?? key;
}
