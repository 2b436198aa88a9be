/** A canvas fitted to its box and its screen, and the colors of the theme for it. */
export interface Surface {
  readonly pen: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
}

/** Makes the canvas as fine as the screen; what is drawn then is in CSS pixels. Null where there is no room. */
export function fitted(canvas: HTMLCanvasElement): Surface | null {
  const { clientWidth: width, clientHeight: height } = canvas;
  const pen = canvas.getContext("2d");
  if (!pen || width === 0 || height === 0) return null;
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

/** A color of the theme in force. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Places of points on a surface, in CSS pixels: across and down in turns. */
export type Places = Float32Array;

/** The point nearest to a place, if any is near enough. */
export function nearestPlace(places: Places, x: number, y: number, within: number): number | null {
  let [best, least] = [-1, within * within];
  for (let at = 0; at < places.length; at += 2) {
    const distance = ((places[at] as number) - x) ** 2 + ((places[at + 1] as number) - y) ** 2;
    if (distance < least) [best, least] = [at / 2, distance];
  }
  return best < 0 ? null : best;
}

const MANY = 2500;

/** Draws points; those that would be lost on the ground get an edge. Of very many, squares. */
export function drawPoints({ pen }: Surface, places: Places, fill: readonly string[], lost: readonly boolean[], diameter: number, edge: string): void {
  const radius = diameter / 2;
  const count = places.length / 2;
  pen.globalAlpha = 0.9;
  for (let at = 0; at < count; at += 1) {
    const [x, y] = [places[2 * at] as number, places[2 * at + 1] as number];
    pen.fillStyle = fill[at] ?? edge;
    if (count > MANY) {
      pen.fillRect(x - radius, y - radius, diameter, diameter);
      continue;
    }
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.fill();
    if (!lost[at]) continue;
    pen.globalAlpha = 0.55;
    pen.lineWidth = 0.75;
    pen.strokeStyle = edge;
    pen.stroke();
    pen.globalAlpha = 0.9;
  }
  pen.globalAlpha = 1;
}

/** Draws one point again, large and with a ring. */
export function drawLit({ pen }: Surface, places: Places, at: number, fill: string, ring: string, ground: string): void {
  const [x, y] = [places[2 * at] as number, places[2 * at + 1] as number];
  for (const [radius, color] of [[8, ring], [6.5, ground], [5, fill]] as const) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.fillStyle = color;
    pen.fill();
  }
}
