import { fields, list, number, numbers, text } from "./check";
import { parseReceipt, type Receipt } from "./receipt";

/** What the grid of reconstructions shows, and where in the picture each tile is. */
export interface Reconstructions {
  readonly receipt: Receipt;
  readonly datasetIdx: readonly number[];
  /** Squared error of each example, added over its features. */
  readonly squaredError: readonly number[];
  readonly rows: readonly string[];
  readonly columns: number;
  readonly tile: { readonly width: number; readonly height: number };
  readonly gap: number;
  readonly bands: number;
}

export function parseReconstructions(value: unknown): Reconstructions {
  const file = fields(value);
  const layout = fields(file.layout, "layout");
  const tile = fields(layout.tile, "layout.tile");
  return {
    receipt: parseReceipt(file),
    datasetIdx: numbers(file.dataset_idx, "dataset_idx"),
    squaredError: numbers(file.squared_error, "squared_error"),
    rows: list(layout.rows, "layout.rows").map((row) => text(row, "layout.rows")),
    columns: number(layout.columns, "layout.columns"),
    tile: { width: number(tile.width, "tile.width"), height: number(tile.height, "tile.height") },
    gap: number(layout.gap, "layout.gap"),
    bands: number(layout.bands ?? 1, "layout.bands"),
  };
}

/** Where a tile is, as the CSS background of an element of any size. */
export function tileBackground(grid: Reconstructions, item: number, row: number): { size: string; position: string } {
  const { tile, gap, columns, bands, rows } = grid;
  const width = columns * (tile.width + gap) - gap;
  const height = bands * rows.length * (tile.height + gap) - gap;
  const x = (item % columns) * (tile.width + gap);
  const y = (Math.floor(item / columns) * rows.length + row) * (tile.height + gap);
  const share = (at: number, whole: number, part: number) => (whole > part ? (at / (whole - part)) * 100 : 0);
  return {
    size: `${(width / tile.width) * 100}% ${(height / tile.height) * 100}%`,
    position: `${share(x, width, tile.width)}% ${share(y, height, tile.height)}%`,
  };
}
