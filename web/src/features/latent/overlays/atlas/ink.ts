import type { Rgb } from "@/lib/rgb";

/** Channels that differ by less than this are one gray. */
const GRAY = 8;
/** A sheet that is darker on the whole than this is bright strokes on black. */
const DARK = 0.42;

/**
 * Bright strokes on black as strokes of ink on nothing, so that on a light ground faint tiles fade
 * into it instead of lying there as a gray slab. Null for colored or light pictures: those stay.
 *
 * @param pixels Red, green, blue and opacity, a byte each.
 */
export function inked(pixels: Uint8ClampedArray, [r, g, b]: Rgb): Uint8ClampedArray<ArrayBuffer> | null {
  const out = new Uint8ClampedArray(pixels.length);
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    const [red, green, blue] = [pixels[i] as number, pixels[i + 1] as number, pixels[i + 2] as number];
    if (Math.max(red, green, blue) - Math.min(red, green, blue) > GRAY) return null;
    sum += green;
    out[i] = r;
    out[i + 1] = g;
    out[i + 2] = b;
    out[i + 3] = green;
  }
  return sum / (pixels.length / 4) / 255 <= DARK ? out : null;
}

const drawn = new WeakMap<HTMLImageElement, { readonly ink: string; readonly canvas: HTMLCanvasElement | null }>();

/** A sheet as ink; null where it is drawn as it is. */
export function inkOf(image: HTMLImageElement, ink: Rgb): HTMLCanvasElement | null {
  const known = drawn.get(image);
  if (known?.ink === ink.join()) return known.canvas;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen?.drawImage(image, 0, 0);
  const pixels = pen && canvas.width > 0 ? inked(pen.getImageData(0, 0, canvas.width, canvas.height).data, ink) : null;
  if (pixels) pen?.putImageData(new ImageData(pixels, canvas.width, canvas.height), 0, 0);
  const made = pixels ? canvas : null;
  drawn.set(image, { ink: ink.join(), canvas: made });
  return made;
}
