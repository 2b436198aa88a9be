import { EDGED } from "@/charts/wall/scene";
import type { Look } from "@/charts/map/scene";
import { classColor, type Palette } from "@/features/latent/look";
import { isLost } from "@/lib/pointColors";
import type { Rgb } from "@/lib/rgb";
import type { WallPoints } from "@/lib/sweep/wall";

const LIT = 225;
const DIM = 46;

/**
 * The look of every point, the same in all tiles: its own color, or that of its label. Points that
 * are not selected stand back in gray.
 */
export function wallLook(points: WallPoints, color: "own" | "label", selected: ReadonlySet<number>, palette: Palette): Look {
  const count = points.ids.length;
  const colors = new Uint8Array(count * 4);
  const lit = new Uint8Array(count);
  const order = new Uint32Array(count);
  let [dimmed, top] = [0, count];
  for (let at = 0; at < count; at += 1) {
    const on = selected.size === 0 || selected.has(points.ids[at] as number);
    const tint = on ? colorOf(points, at, color, palette) : palette.plain;
    colors.set(tint, at * 4);
    colors[at * 4 + 3] = !on ? DIM : isLost(tint, palette.ground) ? EDGED : LIT;
    lit[at] = on ? 1 : 0;
    if (on) order[--top] = at;
    else order[dimmed++] = at;
  }
  return { colors, lit, order, dimmed };
}

export function colorOf({ colors, labels }: WallPoints, at: number, color: "own" | "label", palette: Palette): Rgb {
  if (colors && color === "own") return [colors[at * 3] as number, colors[at * 3 + 1] as number, colors[at * 3 + 2] as number];
  return labels ? classColor(palette, labels[at] as number) : palette.plain;
}
