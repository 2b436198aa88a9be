import type { Look } from "@/charts/map/scene";
import type { Field } from "@/lib/latent/fields";
import { sequential, type Theme } from "@/lib/ramp";
import type { Rgb } from "@/lib/rgb";

/** Colors of the map in one theme. */
export interface Palette {
  readonly theme: Theme;
  readonly classes: readonly Rgb[];
  readonly plain: Rgb;
  readonly text: Rgb;
  readonly ground: Rgb;
  readonly line: Rgb;
}

const LIT = 188;
const DIM = 54;
const STEPS = 256;
const ramps = new Map<Theme, readonly Rgb[]>();

function rampOf(theme: Theme): readonly Rgb[] {
  const known = ramps.get(theme) ?? Array.from({ length: STEPS }, (_, at) => sequential(theme, at / (STEPS - 1)));
  ramps.set(theme, known);
  return known;
}

export function classColor(palette: Palette, value: number): Rgb {
  return (value < 0 ? undefined : palette.classes[value]) ?? palette.plain;
}

export function amountColor(palette: Palette, value: number, [low, high]: readonly [number, number]): Rgb {
  if (!Number.isFinite(value)) return palette.plain;
  const share = Math.max(0, Math.min(1, (value - low) / (high - low)));
  return rampOf(palette.theme)[Math.round(share * (STEPS - 1))] as Rgb;
}

/** The color of one point of a field. */
export function colorAt(field: Field, at: number, range: readonly [number, number], palette: Palette): Rgb {
  const value = field.values[at] as number;
  return field.kind === "class" ? classColor(palette, value) : amountColor(palette, value, range);
}

/**
 * The look of every point: classes that are hidden and points that are not selected stand back in
 * gray, but stay to be seen.
 *
 * @param range The values that the sequential scale spans; classes need none.
 * @param chosen Whether a point (by its place) is selected; null while nothing is.
 */
export function lookOf(
  field: Field,
  range: readonly [number, number],
  hidden: ReadonlySet<number>,
  palette: Palette,
  chosen: ((at: number) => boolean) | null = null,
): Look {
  const count = field.values.length;
  const colors = new Uint8Array(count * 4);
  const lit = new Uint8Array(count);
  const order = new Uint32Array(count);
  let dimmed = 0;
  let top = count;
  for (let at = 0; at < count; at += 1) {
    const on = (field.kind === "amount" || !hidden.has(field.values[at] as number)) && (chosen === null || chosen(at));
    const [r, g, b] = on ? colorAt(field, at, range, palette) : palette.plain;
    const c = at * 4;
    colors[c] = r;
    colors[c + 1] = g;
    colors[c + 2] = b;
    colors[c + 3] = on ? LIT : DIM;
    lit[at] = on ? 1 : 0;
    if (on) order[--top] = at;
    else order[dimmed++] = at;
  }
  return { colors, lit, order, dimmed };
}
