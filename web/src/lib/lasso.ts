/** The geometry of the lasso: outlines in pixels of the canvas. */

export type Pixel = readonly [x: number, y: number];

/**
 * Whether a place lies within an outline, which closes itself. Places on its border do. Where the
 * outline crosses itself, what it goes around twice is outside (even-odd rule).
 */
export function within(outline: readonly Pixel[], x: number, y: number): boolean {
  if (outline.length < 3) return false;
  let inside = false;
  for (let at = 0, before = outline.length - 1; at < outline.length; before = at, at += 1) {
    const [ax, ay] = outline[before] as Pixel;
    const [bx, by] = outline[at] as Pixel;
    if (isOn(ax, ay, bx, by, x, y)) return true;
    // Half-open in y: a corner that two sides share counts once.
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  }
  return inside;
}

const BORDER = 1e-9;

function isOn(ax: number, ay: number, bx: number, by: number, x: number, y: number): boolean {
  const [dx, dy] = [bx - ax, by - ay];
  const length = Math.hypot(dx, dy);
  if (length === 0) return x === ax && y === ay;
  if (Math.abs((x - ax) * dy - (y - ay) * dx) > BORDER * length) return false;
  const along = (x - ax) * dx + (y - ay) * dy;
  return along >= 0 && along <= length * length;
}

/**
 * The points within an outline.
 *
 * @param pixels Places on the canvas, 2 a point; NaN for one that is behind the camera.
 * @param mayBe Whether a point (by its place in the list) can be meant at all.
 * @returns Places in the list, rising.
 */
export function caught(outline: readonly Pixel[], pixels: Float32Array, mayBe: (at: number) => boolean): readonly number[] {
  if (outline.length < 3) return [];
  const [left, right] = [Math.min(...outline.map(([x]) => x)), Math.max(...outline.map(([x]) => x))];
  const [top, bottom] = [Math.min(...outline.map(([, y]) => y)), Math.max(...outline.map(([, y]) => y))];
  const found: number[] = [];
  for (let at = 0, i = 0; i < pixels.length; at += 1, i += 2) {
    const [x, y] = [pixels[i] as number, pixels[i + 1] as number];
    if (!(x >= left && x <= right && y >= top && y <= bottom)) continue; // NaN is nowhere
    if (mayBe(at) && within(outline, x, y)) found.push(at);
  }
  return found;
}

const STEP = 3;

/** The outline with the pointer's next place, if that is far enough to matter. */
export function drawn(outline: readonly Pixel[], next: Pixel): readonly Pixel[] {
  const last = outline.at(-1);
  return last && Math.hypot(next[0] - last[0], next[1] - last[1]) < STEP ? outline : [...outline, next];
}

/** Whether an outline goes around anything: a click or a straight stroke does not. */
export function isLoop(outline: readonly Pixel[]): boolean {
  let doubled = 0;
  for (let at = 0, before = outline.length - 1; at < outline.length; before = at, at += 1) {
    const [[ax, ay], [bx, by]] = [outline[before] as Pixel, outline[at] as Pixel];
    doubled += ax * by - bx * ay;
  }
  return Math.abs(doubled) / 2 > 24;
}
