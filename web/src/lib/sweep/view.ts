import { readSelection, selectionText } from "../latent/selection";

/** What of a sweep is on screen, and how; all of it is in the address. */
export interface SweepLook {
  readonly show: "wall" | "both" | "table";
  readonly color: "own" | "label";
  readonly scale: "common" | "fit";
  /** Number under the tiles; null for the usual one. */
  readonly metric: string | null;
  /** Column that the table is sorted by. */
  readonly sort: string;
  readonly descending: boolean;
  /** The framed tile. */
  readonly tile: number | null;
  /** dataset_idx of the points that a lasso went around. */
  readonly selected: readonly number[];
}

const LONGEST_NAME = 120;

/** Reads the view out of an address; what makes no sense is as if it were not there. */
export function readLook(search: string): SweepLook {
  const params = new URLSearchParams(search);
  const one = <T extends string>(name: string, ...known: readonly [T, ...T[]]) => known.find((value) => value === params.get(name)) ?? known[0];
  const name = (value: string | null) => (value !== null && value.length > 0 && value.length <= LONGEST_NAME ? value : null);
  const sort = params.get("sort") ?? "";
  const tile = params.get("tile") ?? "";
  return {
    show: one("view", "wall", "both", "table"),
    color: one("color", "own", "label"),
    scale: one("scale", "common", "fit"),
    metric: name(params.get("metric")),
    sort: name(sort.replace(/^-/, "")) ?? "variant",
    descending: sort.startsWith("-"),
    tile: /^\d{1,6}$/.test(tile) ? Number(tile) : null,
    selected: readSelection(params.get("selected")),
  };
}

/** The parameters of the address that say this view; null for what is usual. */
export function lookParams(look: SweepLook): Readonly<Record<string, string | null>> {
  const usual = readLook("");
  const own = (key: "show" | "color" | "scale" | "metric") => (look[key] === usual[key] ? null : look[key]);
  const sort = `${look.descending ? "-" : ""}${look.sort}`;
  return {
    view: own("show"),
    color: own("color"),
    scale: own("scale"),
    metric: own("metric"),
    sort: sort === usual.sort ? null : sort,
    tile: look.tile === null ? null : String(look.tile),
    selected: selectionText(look.selected),
  };
}
