/** Width of the axis at the left, and the margin at the right, in CSS pixels. */
export const AXIS_WIDTH = 44;
export const EDGE = 8;
/** Room above and below a strip's curves: half a line of its axis. */
export const ROOM = 8;

export interface Ink {
  readonly accent: string;
  readonly second: string;
  readonly text: string;
  readonly line: string;
  readonly font: string;
}

/** The colors of the theme in force, for a canvas. */
export function readInk(): Ink {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  return {
    accent: color("--accent"),
    second: color("--text-3"),
    text: color("--text-3"),
    line: color("--line"),
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
  };
}
