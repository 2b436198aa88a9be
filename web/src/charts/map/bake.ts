import { Clerk } from "@/lib/clerk";
import type { Shaded } from "@/lib/latent/shaded";
import type { BakeOrder } from "./bake.worker";
import { drawingOf } from "./drawing";
import type { Drawing, Field } from "./layers/field";

const baker = new Clerk<BakeOrder, ImageBitmap | null>(() =>
  typeof OffscreenCanvas === "undefined" ? null : new Worker(new URL("./bake.worker.ts", import.meta.url)),
);

/** A grid that lies on the map, drawn beside the main thread. */
export function bakedField(grid: Shaded, ink: string): Field {
  let drawing: Drawing | null = null;
  return {
    bounds: grid.bounds,
    opacity: 1,
    drawing: () => (drawing ??= drawingOf(grid, ink, blank)),
    bake: (width, height, ratio) => baker.ask({ grid, ink, width, height, ratio }),
  };
}

function blank(width: number, height: number): readonly [HTMLCanvasElement, CanvasRenderingContext2D | null] {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  return [canvas, canvas.getContext("2d")];
}
