import type { Theme } from "../ramp";
import { sequential } from "../ramp";
import { parseHex, type Rgb } from "../rgb";

export const SHADES = 256;

/** From a value to a color with opacity; what is faint lets the ground through. */
export interface Scale {
  /** The values at both ends of the scale. */
  readonly ends: readonly [low: number, high: number];
  /** Where a value is on the scale, 0 to 1; beyond the ends it stays there. */
  readonly shareOf: (value: number) => number;
  /** Red, green, blue and opacity (0 to 255) of SHADES steps from the low end to the high one. */
  readonly shades: Uint8ClampedArray;
}

type Shade = readonly [color: Rgb, opacity: number];

function scale(ends: readonly [number, number], shareOf: (value: number) => number, shade: (share: number) => Shade): Scale {
  const shades = new Uint8ClampedArray(SHADES * 4);
  for (let at = 0; at < SHADES; at += 1) {
    const [[r, g, b], opacity] = shade(at / (SHADES - 1));
    shades.set([r, g, b, Math.round(opacity * 255)], at * 4);
  }
  return { ends, shareOf: (value) => Math.max(0, Math.min(1, shareOf(value))), shades };
}

/**
 * From nothing, which is clear, to the most.
 *
 * @param strength Opacity of the most.
 * @param rise How opacity grows: below 1, little is seen early.
 */
export function amountScale(theme: Theme, most: number, strength = 0.62, rise = 0.55): Scale {
  const top = most > 0 ? most : 1;
  const [from, to] = theme === "dark" ? [0.12, 0.8] : [0.08, 0.82];
  return scale([0, most], (value) => value / top, (share) => [sequential(theme, from + (to - from) * share), strength * share ** rise]);
}

/** The colors of both directions, dark enough on light and light enough on dark; told apart by the color-blind. */
const PAIRS: Readonly<Record<"gap" | "stretch", Readonly<Record<Theme, readonly [Rgb, Rgb]>>>> = {
  gap: {
    dark: [parseHex("#4fb7e8"), parseHex("#f2994a")],
    light: [parseHex("#1273b8"), parseHex("#c75a06")],
  },
  stretch: {
    dark: [parseHex("#a78ff0"), parseHex("#d8c64a")],
    light: [parseHex("#6a4fc0"), parseHex("#8a7200")],
  },
};

/**
 * Two directions from a middle that is clear.
 *
 * @param reach How far from the middle, after `unfold`, the ends are.
 * @param unfold Makes equal steps of what counts as equal, as the logarithm of a ratio.
 */
export function twoWayScale(theme: Theme, pair: keyof typeof PAIRS, ends: readonly [number, number], reach: number, unfold: (value: number) => number): Scale {
  const [less, more] = PAIRS[pair][theme];
  return scale(ends, (value) => 0.5 + unfold(value) / (2 * reach), (share) => [share < 0.5 ? less : more, 0.72 * Math.abs(2 * share - 1) ** 0.8]);
}

/** The color of one direction, for a mark or a word. */
export function directionColor(theme: Theme, pair: keyof typeof PAIRS, more: boolean): Rgb {
  return PAIRS[pair][theme][more ? 1 : 0];
}

/** The scale as a CSS gradient, for its legend. */
export function scaleGradient({ shades }: Scale): string {
  const stops = Array.from({ length: 17 }, (_, at) => {
    const i = Math.round((at / 16) * (SHADES - 1)) * 4;
    const [r, g, b, a] = [shades[i], shades[i + 1], shades[i + 2], shades[i + 3] as number];
    return `rgb(${r} ${g} ${b} / ${(a / 255).toFixed(3)})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
