import type { Bounds } from "../camera";
import { fields, maybeNumber, number, text } from "../check";
import { parseReceipt, type Receipt } from "../receipt";
import { sampleBackground, type SheetLayout } from "../samples";
import { floats } from "./columns";
import { edges, share } from "./grid";

/** What the decoder makes of every place of a 2-D map: where the tiles are, and how far from data. */
export interface Atlas {
  readonly method: string;
  readonly layout: SheetLayout;
  /** Outer edges of the tiles, in the units of the map. */
  readonly bounds: Bounds;
  /** Latent distance from the code of each tile to the nearest point, row by row from the top. */
  readonly distance: Float32Array;
  /** Share of the latents' variance that is not on the map. */
  readonly leftOut: number | null;
  readonly receipt: Receipt;
}

export function parseAtlas(value: unknown): Atlas {
  const file = fields(value);
  const [columns, rows] = [number(file.columns, "columns"), number(file.rows, "rows")];
  const tile = fields(file.tile, "tile");
  if (file.order !== "rows from the largest y down") throw new Error("order of the tiles is not known");
  const [width, height] = [number(tile.width, "tile.width"), number(tile.height, "tile.height")];
  const out = file.out_of_plane === null || file.out_of_plane === undefined ? {} : fields(file.out_of_plane, "out_of_plane");
  return {
    method: text(file.method, "method"),
    layout: { columns, rows, tile: { width, height }, gap: number(file.gap ?? 0, "gap") },
    bounds: edges(file.bounds),
    distance: floats(file.distance, "distance", columns * rows),
    leftOut: maybeNumber(out.variance_share),
    receipt: parseReceipt(file),
  };
}

/** The tile that shows a place of the map; -1 outside. */
export function tileAt({ layout, bounds }: Atlas, x: number, y: number): number {
  const [column, row] = [share(bounds, 0, x) * layout.columns, (1 - share(bounds, 1, y)) * layout.rows];
  if (!(column >= 0 && row >= 0 && column <= layout.columns && row <= layout.rows)) return -1;
  return Math.min(layout.rows - 1, Math.floor(row)) * layout.columns + Math.min(layout.columns - 1, Math.floor(column));
}

/** The place of the map that a tile was decoded at: the center of its cell. */
export function centerOf({ layout, bounds }: Atlas, tile: number): readonly [x: number, y: number] {
  const [column, row] = [tile % layout.columns, Math.floor(tile / layout.columns)];
  const on = (axis: 0 | 1, part: number) => (bounds.min[axis] ?? 0) + part * ((bounds.max[axis] ?? 0) - (bounds.min[axis] ?? 0));
  return [on(0, (column + 0.5) / layout.columns), on(1, 1 - (row + 0.5) / layout.rows)];
}

/** A tile as the CSS background of an element of any size. */
export function atlasBackground({ layout }: Atlas, tile: number): { size: string; position: string } {
  return sampleBackground(layout, tile);
}
