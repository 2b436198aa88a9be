import { fields, number } from "../check";
import { integers } from "./columns";

/** Where each thumbnail is on the sheet. */
export interface Sprites {
  readonly tile: number;
  readonly columns: number;
  readonly rows: number;
  readonly order: ReadonlyMap<number, number>;
}

export function parseSprites(value: unknown): Sprites {
  const file = fields(value);
  const ids = integers(file.dataset_idx, "dataset_idx");
  const columns = number(file.columns, "columns");
  const rows = typeof file.rows === "number" ? file.rows : Math.ceil(ids.length / columns);
  const order = new Map([...ids].map((id, at) => [id, at]));
  return { tile: number(file.tile, "tile"), columns, rows, order };
}

/** Upper left corner of a thumbnail on the sheet, in tiles; null if it has none. */
export function tileOf(sprites: Sprites, id: number): { readonly column: number; readonly row: number } | null {
  const at = sprites.order.get(id);
  if (at === undefined) return null;
  return { column: at % sprites.columns, row: Math.floor(at / sprites.columns) };
}
