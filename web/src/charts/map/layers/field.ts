import type { Bounds } from "@/lib/camera";
import type { LayerScene, MapLayer } from "../scene";

/** A picture that can be enlarged, with lines of equal value over it. */
export interface Drawing {
  readonly image: CanvasImageSource & { readonly width: number };
  /** Pieces of lines, four numbers each, in the units of the map. */
  readonly lines: readonly Float32Array[];
  readonly ink: string;
}

/** What lies on the map. */
export interface Field {
  /** Where the outer edges of the picture are, in the units of the map; its first row is at the largest y. */
  readonly bounds: Bounds;
  readonly opacity: number;
  /** How to draw it under any camera; costs more at every picture than what is baked. */
  readonly drawing: () => Drawing;
  /**
   * Draws it beside the main thread, of a size in pixels of the screen, lines and all.
   *
   * @returns null where that cannot be done; then it is drawn here.
   */
  readonly bake?: (width: number, height: number, ratio: number) => Promise<ImageBitmap | null>;
}

const FADE_MS = 70;
/** From here on nobody sees what was before: drawing two pictures costs twice as much. */
const SHOWN = 0.96;
/** A larger picture is not baked: the camera is so near that most of it is out of sight. */
const MOST_PIXELS = 2048;

/** A field and what is baked of it. */
interface Shown {
  readonly field: Field;
  baked: ImageBitmap | null;
  busy: boolean;
  failed: boolean;
}

/** Draws a field under the points; one takes over from another by fading, once it is there. */
export class FieldLayer implements MapLayer {
  readonly place = "under";
  private now: Shown | null = null;
  private before: Shown | null = null;
  /** What takes over once it is baked. */
  private next: Shown | null = null;
  private share = 1;
  /** Changes when it is to be drawn otherwise though the camera stands still. */
  stamp = 0;

  set(field: Field | null): void {
    if (field !== null && field === this.next?.field) return;
    drop(this.next);
    this.next = null;
    if (field === (this.now?.field ?? null)) return;
    this.stamp += 1;
    if (field) this.next = { field, baked: null, busy: false, failed: field.bake === undefined };
    else this.clear();
  }

  draw(scene: LayerScene): boolean {
    if (scene.camera.kind !== "plane") return false;
    if (this.next && this.isReady(this.next, scene)) this.takeOver(this.next);
    if (this.before && this.share < SHOWN) this.share += (1 - this.share) * (1 - Math.exp(-scene.elapsed / FADE_MS));
    if (this.before && this.share >= SHOWN) {
      drop(this.before);
      this.before = null;
    }
    const share = this.before ? this.share : 1;
    if (this.before) this.paint(scene, this.before, 1 - share);
    if (this.now) this.paint(scene, this.now, share);
    scene.pen.globalAlpha = 1;
    return this.before !== null;
  }

  private clear(): void {
    for (const one of [this.before, this.now]) drop(one);
    this.before = this.now = null;
  }

  private takeOver(next: Shown): void {
    const kept = this.before && this.share <= 0.5 ? this.before : this.now;
    for (const one of [this.before, this.now]) if (one !== kept) drop(one);
    this.before = kept;
    this.share = kept ? 0 : 1;
    this.now = next;
    this.next = null;
  }

  private isReady(shown: Shown, scene: LayerScene): boolean {
    const spot = spotOf(scene, shown.field.bounds);
    return !spot || this.bakedFor(shown, spot, scene) !== null || shown.failed || !fits(spot, scene.ratio);
  }

  private paint(scene: LayerScene, shown: Shown, share: number): void {
    const spot = spotOf(scene, shown.field.bounds);
    if (!spot) return;
    const { pen, ratio } = scene;
    const baked = fits(spot, ratio) ? this.bakedFor(shown, spot, scene) : null;
    pen.globalAlpha = shown.field.opacity * share;
    if (!baked) return paintDrawing(pen, shown.field.drawing(), spot, shown.field.opacity * share, share);
    const [width, height] = sizeOf(spot, ratio);
    const exact = baked.width === width && baked.height === height;
    const onPixel = (value: number) => (exact ? Math.round(value * ratio) / ratio : value);
    pen.imageSmoothingEnabled = !exact; // pixel for pixel, there is nothing to smooth
    pen.drawImage(baked, onPixel(spot.left), onPixel(spot.top), exact ? width / ratio : spot.width, exact ? height / ratio : spot.height);
  }

  /** What is baked of it, if only of another size: one of the right size is on its way then. */
  private bakedFor(shown: Shown, spot: Spot, { ratio, again }: LayerScene): ImageBitmap | null {
    const { baked, field } = shown;
    const [width, height] = sizeOf(spot, ratio);
    const right = baked?.width === width && baked.height === height;
    if (right || shown.busy || shown.failed || !field.bake) return baked;
    shown.busy = true;
    void field.bake(width, height, ratio).then((made) => {
      shown.busy = false;
      const wanted = shown === this.now || shown === this.next || shown === this.before;
      if (!wanted) return made?.close();
      shown.failed = made === null;
      shown.baked?.close();
      shown.baked = made;
      this.stamp += 1;
      again();
    });
    return baked;
  }
}

function drop(shown: Shown | null): void {
  shown?.baked?.close();
}

function sizeOf({ width, height }: Spot, ratio: number): readonly [width: number, height: number] {
  return [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
}

function fits(spot: Spot, ratio: number): boolean {
  return Math.max(...sizeOf(spot, ratio)) <= MOST_PIXELS;
}

type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** @param inks Opacity of the lines; they are not as faint as the picture. */
export function paintDrawing(pen: Pen, { image, lines, ink }: Drawing, spot: Spot, opacity: number, inks: number): void {
  pen.globalAlpha = opacity;
  pen.imageSmoothingEnabled = true;
  // Enlarged, a smooth picture looks the same at any quality, and the best takes most of a frame.
  pen.imageSmoothingQuality = spot.width > image.width ? "low" : "medium";
  pen.drawImage(image, spot.left, spot.top, spot.width, spot.height);
  if (lines.length === 0) return;
  pen.globalAlpha = inks;
  pen.strokeStyle = ink;
  pen.lineCap = "butt"; // the pieces meet; round ends of thousands of them take longer than all else
  lines.forEach((line, at) => {
    pen.lineWidth = at === 0 ? 1.2 : 0.9;
    pen.beginPath();
    for (let i = 0; i + 3 < line.length; i += 4) {
      pen.moveTo(spot.x(line[i] as number), spot.y(line[i + 1] as number));
      pen.lineTo(spot.x(line[i + 2] as number), spot.y(line[i + 3] as number));
    }
    pen.stroke();
  });
}

export interface Spot {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** Where bounds are on the canvas, and how coordinates become pixels there. */
export function spotOf({ pixelOf }: Pick<LayerScene, "pixelOf">, { min, max }: Bounds): Spot | null {
  const [x0, y0, x1, y1] = [min[0] ?? 0, min[1] ?? 0, max[0] ?? 1, max[1] ?? 1];
  const [low, high] = [pixelOf(x0, y0, 0), pixelOf(x1, y1, 0)];
  if (!low || !high) return null;
  const [width, height] = [high[0] - low[0], low[1] - high[1]];
  return {
    left: low[0],
    top: high[1],
    width,
    height,
    x: (value) => low[0] + ((value - x0) / (x1 - x0)) * width,
    y: (value) => low[1] - ((value - y0) / (y1 - y0)) * height,
  };
}
