import { contourOf } from "@/lib/latent/contours";
import { rasterOf } from "@/lib/latent/raster";
import type { Shaded } from "@/lib/latent/shaded";
import type { Drawing } from "./layers/field";

/** Pixels of a picture along its side, about: enough to be smooth when it is enlarged. */
const PIXELS = 256;

type Pen = Pick<CanvasRenderingContext2D, "putImageData">;

/** A grid as a picture and lines. @param canvas Gives an empty canvas, and its pen. */
export function drawingOf<C extends Drawing["image"]>(grid: Shaded, ink: string, canvas: (width: number, height: number) => readonly [C, Pen | null]): Drawing {
  const { width, height, pixels } = rasterOf(grid, Math.max(1, Math.round(PIXELS / grid.width)));
  const [image, pen] = canvas(width, height);
  pen?.putImageData(new ImageData(pixels, width, height), 0, 0);
  return { image, lines: grid.levels.map((level) => contourOf(grid, grid.shares, level)), ink };
}
