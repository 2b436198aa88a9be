import { fields, list, maybeNumber, number, numbers } from "./check";
import { parseReceipt, type Receipt } from "./receipt";

/** A sheet of decoded pictures, made on demand: what is on it, and where. */
export interface Samples {
  readonly receipt: Receipt;
  /** How many pictures. */
  readonly m: number;
  /** Seed of the draw; null where nothing is drawn at random. */
  readonly seed: number | null;
  /** Positions along a traversal or an interpolation; null elsewhere. */
  readonly values: readonly number[] | null;
  /** Where each picture is on the sheet; null where the data are no pictures. */
  readonly layout: SheetLayout | null;
  /** The decoded values of each, where the data are no pictures. */
  readonly decoded: readonly (readonly number[])[] | null;
}

export interface SheetLayout {
  readonly columns: number;
  readonly rows: number;
  readonly tile: { readonly width: number; readonly height: number };
  readonly gap: number;
}

export function parseSamples(value: unknown): Samples {
  const file = fields(value);
  const m = number(file.m, "m");
  const layout = file.layout === null ? null : layoutOf(file.layout, m);
  const decoded = layout ? null : list(file.decoded, "decoded").map(flat);
  if (decoded && decoded.length !== m) throw new Error(`decoded has ${decoded.length} rows, not ${m}`);
  const values = file.values === undefined || file.values === null ? null : numbers(file.values, "values");
  if (values && values.length !== m) throw new Error(`values has ${values.length} rows, not ${m}`);
  return {
    receipt: parseReceipt(file),
    m,
    seed: maybeNumber(file.sample_seed),
    values,
    layout,
    decoded,
  };
}

function layoutOf(value: unknown, m: number): SheetLayout {
  const layout = fields(value, "layout");
  const tile = fields(layout.tile, "layout.tile");
  const columns = number(layout.columns, "layout.columns");
  const rows = number(layout.rows, "layout.rows");
  if (columns < 1 || columns * rows < m) throw new Error(`the sheet has no room for ${m} pictures`);
  const [width, height] = [number(tile.width, "layout.tile.width"), number(tile.height, "layout.tile.height")];
  return { columns, rows, tile: { width, height }, gap: number(layout.gap ?? 0, "layout.gap") };
}

/** Numbers out of lists of any depth, row by row; what is none becomes NaN. */
function flat(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.flatMap(flat) : [maybeNumber(value) ?? Number.NaN];
}

/** Where a picture is on the sheet, as the CSS background of an element of any size. */
export function sampleBackground({ columns, rows, tile, gap }: SheetLayout, item: number): { size: string; position: string } {
  const [width, height] = [columns * (tile.width + gap) - gap, rows * (tile.height + gap) - gap];
  const x = (item % columns) * (tile.width + gap);
  const y = Math.floor(item / columns) * (tile.height + gap);
  const share = (at: number, whole: number, part: number) => (whole > part ? (at / (whole - part)) * 100 : 0);
  return {
    size: `${(width / tile.width) * 100}% ${(height / tile.height) * 100}%`,
    position: `${share(x, width, tile.width)}% ${share(y, height, tile.height)}%`,
  };
}
