import { fields, list, text } from "./check";
import { integers } from "./latent/columns";
import { luminance, parseHex, type Rgb } from "./rgb";

/** What points that are colors look like, by dataset_idx. */
export type OwnColors = ReadonlyMap<number, string>;

export function parsePointColors(value: unknown): OwnColors {
  const file = fields(value);
  const ids = integers(file.dataset_idx, "dataset_idx");
  const colors = hexes(file.color, "color");
  if (colors.length !== ids.length) throw new Error("color is not one for each point");
  return new Map(colors.map((color, at) => [ids[at] as number, color]));
}

/** Colors as #rrggbb. */
export function hexes(value: unknown, what: string): readonly string[] {
  return list(value, what).map((item) => {
    const color = text(item, what);
    if (!/^#[0-9a-f]{6}$/i.test(color)) throw new Error(`${what} holds ${color}, which is no color`);
    return color;
  });
}

const LEAST_CONTRAST = 1.35;

/** Whether a point of this color would be lost on the ground, and needs an edge. */
export function isLost(color: Rgb, ground: Rgb): boolean {
  const [dark, light] = [luminance(color), luminance(ground)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05) < LEAST_CONTRAST;
}

/** The look of points on a ground: a color each, as CSS, and which of them need an edge. */
export interface Ink {
  readonly fill: readonly string[];
  readonly lost: readonly boolean[];
}

export function inkOf(fill: readonly string[], ground: Rgb): Ink {
  const known = new Map<string, boolean>();
  const lost = fill.map((color) => {
    const said = known.get(color) ?? isLost(parseHex(color), ground);
    known.set(color, said);
    return said;
  });
  return { fill, lost };
}
