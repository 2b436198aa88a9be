import type { Arrangement } from "@/lib/sweep/arrange";
import type { Picture, Window } from "@/lib/sweep/picture";
import type { Look } from "../map/scene";
import { drawCircles } from "./circle";
import { drawPoints } from "./plain";
import { wallPointSize } from "./scene";
import { glideTo } from "./stage";

/** Everything that a saved picture of the wall shows. */
export interface WallPage {
  readonly spread: Arrangement;
  readonly picture: Picture;
  readonly windows: readonly Window[];
  readonly look: Look;
  readonly circle: boolean;
  readonly title: string;
  readonly foot: string;
  readonly legend: readonly string[];
  /** By variant. */
  readonly names: readonly string[];
  readonly numbers: readonly string[];
  readonly cut: readonly boolean[];
  readonly colors: Readonly<Record<"ground" | "surface" | "line" | "text" | "second" | "plain", string>>;
  readonly rim: number;
  readonly font: string;
}

const RATIO = 2;
const HEAD = 48;
const FOOT = 32;
const PAD = 16;

/** Draws the whole wall, with its words, on a canvas of its own, at twice the size of the screen. */
export function wallPicture(page: WallPage): HTMLCanvasElement {
  const { spread, colors, font } = page;
  const below = spread.free ? 0 : page.legend.length * 18 + 12;
  const [width, height] = [spread.width, HEAD + spread.height + below + FOOT];
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * RATIO, height * RATIO];
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser gives no canvas.");
  pen.scale(RATIO, RATIO);
  pen.fillStyle = colors.ground;
  pen.fillRect(0, 0, width, height);
  words(pen, page.title, PAD, 30, colors.text, `600 16px ${font}`);
  words(pen, page.foot, PAD, height - 12, colors.second, `400 11px ${font}`);
  pen.translate(0, HEAD);
  headings(pen, page);
  const [left, top] = spread.free ? [spread.free.left, spread.free.top + 16] : [PAD, spread.height + 12];
  page.legend.forEach((line, at) => words(pen, line, left, top + at * 18, colors.second, `400 12px ${font}`));
  tiles(pen, page);
  return canvas;
}

function headings(pen: CanvasRenderingContext2D, { spread, colors, font }: WallPage): void {
  for (const { text, count, left, top, width, kind } of spread.headings) {
    const middle = kind === "column";
    pen.textAlign = middle ? "center" : "left";
    words(pen, text, middle ? left + width / 2 : left, top + 14, kind === "axis" ? colors.second : colors.text, `500 12px ${font}`);
    if (count !== null) words(pen, `${count} ${count === 1 ? "run" : "runs"}`, left, top + 32, colors.second, `400 12px ${font}`);
  }
  pen.textAlign = "left";
}

function tiles(pen: CanvasRenderingContext2D, page: WallPage): void {
  const { spread, picture, windows, look, colors, font, rim } = page;
  const side = spread.size;
  const views = spread.spots.flatMap(({ index, left, top }) => {
    const window = windows[index];
    return window ? [{ index, left, top, window }] : [];
  });
  pen.lineWidth = 1;
  for (const { index, left, top } of views) {
    pen.fillStyle = colors.surface;
    pen.strokeStyle = colors.line;
    pen.beginPath();
    pen.roundRect(left + 0.5, top + 0.5, side - 1, side - 1, 4);
    pen.fill();
    pen.stroke();
    words(pen, page.names[index] ?? "", left, top + side + 15, colors.text, `500 11px ${font}`, side - 44);
    pen.textAlign = "right";
    words(pen, `${page.cut[index] ? "cut  " : ""}${page.numbers[index] ?? ""}`, left + side, top + side + 15, colors.second, `400 11px ${font}`);
    pen.textAlign = "left";
  }
  if (page.circle) drawCircles(pen, views, side, colors.plain);
  const shown = views.filter(({ index }) => picture.shown[index]);
  const view = { width: spread.width, height: spread.height };
  drawPoints(pen, { tiles: shown, side, points: picture.points, glide: glideTo(picture.places, null), t: 1, look, view, ratio: RATIO, size: wallPointSize(picture.points, side), rim }, "round");
}

function words(pen: CanvasRenderingContext2D, text: string, x: number, y: number, color: string, font: string, room = Infinity): void {
  pen.font = font;
  pen.fillStyle = color;
  let fitting = text;
  while (fitting.length > 1 && pen.measureText(fitting).width > room) fitting = `${fitting.slice(0, -2)}…`;
  pen.fillText(fitting, x, y);
}
