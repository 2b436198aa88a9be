import type { Rgb } from "./rgb";
import { parseHex } from "./rgb";

export type Theme = "dark" | "light";

/** Steps of even lightness, from near the ground (little) to far from it (much), in both themes. */
const STOPS: Readonly<Record<Theme, readonly Rgb[]>> = {
  dark: ["#33425c", "#35618f", "#3a8bb0", "#62b6ae", "#b4d78c", "#fbeeb3"].map(parseHex),
  light: ["#b4c8ce", "#8cb8c9", "#5898bd", "#3a6fae", "#3f4792", "#361b5f"].map(parseHex),
};

/** The color of a share between 0 and 1 on the sequential scale. */
export function sequential(theme: Theme, share: number): Rgb {
  const stops = STOPS[theme];
  const at = Math.max(0, Math.min(1, share)) * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(at));
  const [a, b] = [stops[low] as Rgb, stops[low + 1] as Rgb];
  const channel = (c: 0 | 1 | 2) => Math.round(a[c] + (b[c] - a[c]) * (at - low));
  return [channel(0), channel(1), channel(2)];
}

/** The scale as a CSS gradient, for its legend. */
export function gradient(theme: Theme): string {
  return `linear-gradient(to right, ${STOPS[theme].map((stop) => `rgb(${stop.join(" ")})`).join(", ")})`;
}

/**
 * Colors for `count` classes: those given, then more of them by turns of the golden angle, with
 * lightness alternating so that neighbors differ to the color-blind too.
 */
export function classColors(given: readonly Rgb[], count: number, theme: Theme): readonly Rgb[] {
  const more = Math.max(0, count - given.length);
  const levels = theme === "dark" ? [0.78, 0.55, 0.67] : [0.3, 0.48, 0.39];
  const made = Array.from({ length: more }, (_, at) => hsl((at * 137.508 + 28) % 360, 0.55, levels[at % 3] as number));
  return [...given.slice(0, count), ...made];
}

function hsl(hue: number, saturation: number, lightness: number): Rgb {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (shift: number) => {
    const k = (shift + hue / 30) % 12;
    return Math.round(255 * (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}
