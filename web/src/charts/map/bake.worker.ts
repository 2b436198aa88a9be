/// <reference lib="webworker" />
import { serve } from "@/lib/clerk";
import type { Shaded } from "@/lib/latent/shaded";
import { drawingOf } from "./drawing";
import { paintDrawing, spotOf } from "./layers/field";

/** A grid to be drawn, of a size in pixels of the screen. */
export interface BakeOrder {
  readonly grid: Shaded;
  readonly ink: string;
  readonly width: number;
  readonly height: number;
  /** Pixels of the screen per CSS pixel, in which lines are measured. */
  readonly ratio: number;
}

serve(self as unknown as DedicatedWorkerGlobalScope, baked, (image) => (image ? [image] : []));

function baked({ grid, ink, width, height, ratio }: BakeOrder): ImageBitmap | null {
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext("2d");
  if (!pen) return null;
  pen.scale(ratio, ratio);
  const [min, max] = [grid.bounds.min as number[], grid.bounds.max as number[]];
  const share = (value: number, axis: 0 | 1) => (value - (min[axis] as number)) / ((max[axis] as number) - (min[axis] as number));
  const spot = spotOf({ pixelOf: (x, y) => [(share(x, 0) * width) / ratio, ((1 - share(y, 1)) * height) / ratio] }, grid.bounds);
  if (spot) paintDrawing(pen, drawingOf(grid, ink, blank), spot, 1, 1);
  return canvas.transferToImageBitmap();
}

function blank(width: number, height: number): readonly [OffscreenCanvas, OffscreenCanvasRenderingContext2D | null] {
  const canvas = new OffscreenCanvas(width, height);
  return [canvas, canvas.getContext("2d")];
}
