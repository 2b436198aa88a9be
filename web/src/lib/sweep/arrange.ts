import { shortKey, type Layout } from "./layout";

interface Room {
  readonly width: number;
  readonly height: number;
}

interface Placed {
  readonly index: number;
  readonly places: Readonly<Record<string, string>>;
}

/** Where one tile is on the wall, in pixels. */
export interface TileSpot {
  readonly index: number;
  readonly left: number;
  readonly top: number;
  /** Line of tiles that it stands in, and its place there: what the arrow keys go by. */
  readonly line: number;
  readonly column: number;
}

/** Words on the wall beside a line of tiles, or above a column of them. */
export interface Heading {
  readonly text: string;
  readonly count: number | null;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly kind: "row" | "column" | "axis";
}

/** The whole wall, laid out for a room. */
export interface Arrangement {
  /** Side of a tile. */
  readonly size: number;
  readonly width: number;
  readonly height: number;
  readonly spots: readonly TileSpot[];
  readonly headings: readonly Heading[];
  /** The largest free place at the end of the first line, for the legend; null if that line is full. */
  readonly free: { readonly left: number; readonly top: number; readonly width: number } | null;
}

const PAD = 16;
const TOP = 20;
const BELOW = 4;
/** Between tiles of a line, and what a tile's words and the gap below them take. */
const GAP = 20;
export const WORDS = 36;
const LEAST = 80;
const MOST = 264;
const USUAL = 112;
const SIDE = 96;
const AXIS = 28;
const LEGEND = 260;
/** A grid is turned on its side where that brings all of it into sight, or makes its tiles so much larger. */
const WORTH = 1.25;

interface Line {
  readonly heading: { readonly text: string; readonly count: number } | null;
  readonly indices: readonly number[];
}

/** Lays out the wall: tiles as large as the room allows with all of them in sight, else of a usual size. */
export function arrange(layout: Layout, variants: readonly Placed[], room: Room): Arrangement {
  if (layout.kind === "grid") return grid(layout, variants, room);
  const lines: readonly Line[] =
    layout.kind === "flat"
      ? [{ heading: null, indices: variants.map(({ index }) => index) }]
      : layout.groups.map(({ label, indices }) => ({ heading: { text: label, count: indices.length }, indices }));
  return rows(lines, layout.kind === "groups" ? PAD + SIDE : PAD, room);
}

function rows(lines: readonly Line[], left: number, room: Room): Arrangement {
  const wide = room.width - left - PAD;
  const across = (size: number) => Math.max(1, Math.floor((wide + GAP) / (size + GAP)));
  const tall = (size: number) => lines.reduce((sum, { indices }) => sum + Math.max(1, Math.ceil(indices.length / across(size))), 0);
  const size = largest((side) => side <= wide && TOP + tall(side) * (side + WORDS) + BELOW <= room.height) ?? Math.max(LEAST, Math.min(USUAL, wide));
  const spots: TileSpot[] = [];
  const headings: Heading[] = [];
  let line = 0;
  for (const { heading, indices } of lines) {
    const top = TOP + line * (size + WORDS);
    if (heading) headings.push({ ...heading, left: PAD, top, width: SIDE - 12, kind: "row" });
    indices.forEach((index, at) => {
      const [row, column] = [Math.floor(at / across(size)), at % across(size)];
      spots.push({ index, left: left + column * (size + GAP), top: TOP + (line + row) * (size + WORDS), line: line + row, column });
    });
    line += Math.max(1, Math.ceil(indices.length / across(size)));
  }
  return { size, width: room.width, height: TOP + line * (size + WORDS) + BELOW, spots, headings, free: freeAfter(spots, size, room.width) };
}

type Grid = Extract<Layout, { kind: "grid" }>;

function grid(given: Grid, variants: readonly Placed[], room: Room): Arrangement {
  const turned: Grid = { kind: "grid", rows: given.columns, columns: given.rows };
  const [straight, onSide] = [fitting(given, room), fitting(turned, room)];
  const turns = onSide !== null && (straight === null || onSide > WORTH * straight);
  const { rows: down, columns: over } = turns ? turned : given;
  const usual = Math.max(LEAST, Math.min(USUAL, Math.floor((room.width - SIDE - 2 * PAD + GAP) / over.labels.length) - GAP));
  const [left, top, size] = [PAD + SIDE, TOP + AXIS, (turns ? onSide : straight) ?? usual];
  const spots = variants.flatMap(({ index, places }) => {
    const [line, column] = [down.labels.indexOf(places[down.key] ?? ""), over.labels.indexOf(places[over.key] ?? "")];
    return line < 0 || column < 0 ? [] : [{ index, line, column, left: left + column * (size + GAP), top: top + line * (size + WORDS) }];
  });
  spots.sort((a, b) => a.line - b.line || a.column - b.column);
  const headings: readonly Heading[] = [
    { text: `${shortKey(down.key)} ↓  ${shortKey(over.key)} →`, count: null, left: PAD, top: TOP - 8, width: SIDE - 12, kind: "axis" },
    ...over.labels.map((text, at) => ({ text, count: null, left: left + at * (size + GAP), top: TOP - 4, width: size, kind: "column" as const })),
    ...down.labels.map((text, at) => ({ text, count: null, left: PAD, top: top + at * (size + WORDS), width: SIDE - 12, kind: "row" as const })),
  ];
  const width = Math.max(room.width, left + over.labels.length * (size + GAP) - GAP + PAD);
  return { size, width, height: top + down.labels.length * (size + WORDS) + BELOW, spots, headings, free: freeAfter(spots, size, room.width) };
}

/** How large the tiles of a grid can be with all of them in sight; null if that is too small. */
function fitting({ rows: down, columns: over }: Grid, room: Room): number | null {
  const wide = room.width - SIDE - 2 * PAD;
  return largest((size) => over.labels.length * (size + GAP) - GAP <= wide && TOP + AXIS + down.labels.length * (size + WORDS) + BELOW <= room.height);
}

function largest(fits: (size: number) => boolean): number | null {
  for (let size = MOST; size >= LEAST; size -= 4) if (fits(size)) return size;
  return null;
}

function freeAfter(spots: readonly TileSpot[], size: number, width: number): Arrangement["free"] {
  const first = spots.filter(({ line }) => line === 0);
  if (first.length === 0) return null;
  const left = Math.max(...first.map((spot) => spot.left)) + size + GAP + 8;
  const free = width - PAD - left;
  return free < LEGEND ? null : { left, top: first[0]?.top ?? TOP, width: free };
}

const TURNS: Readonly<Record<string, readonly [lines: number, columns: number]>> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** The tile that a key leads to from another; null where the key means nothing or leads nowhere. */
export function tileAfter(spots: readonly TileSpot[], index: number, key: string): number | null {
  if (key === "Home") return spots[0]?.index ?? null;
  if (key === "End") return spots.at(-1)?.index ?? null;
  const [turn, at] = [TURNS[key], spots.findIndex((spot) => spot.index === index)];
  const here = spots[at];
  if (!turn || !here) return null;
  if (turn[0] === 0) return spots[at + turn[1]]?.index ?? null;
  const lines = [...new Set(spots.map(({ line }) => line))].sort((a, b) => a - b);
  const line = lines[lines.indexOf(here.line) + turn[0]];
  const there = spots.filter((spot) => spot.line === line);
  return there.findLast(({ column }) => column <= here.column)?.index ?? there[0]?.index ?? null;
}
