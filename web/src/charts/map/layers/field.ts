import type { Bounds } from "@/lib/camera";
import type { LayerScene, MapLayer } from "../scene";

/** A picture that lies on the map, with lines of equal value over it. */
export interface Field {
  readonly image: HTMLCanvasElement | HTMLImageElement;
  /** Where the outer edges of the picture are, in the units of the map; its first row is at the largest y. */
  readonly bounds: Bounds;
  readonly opacity: number;
  /** Pieces of lines, four numbers each, in the units of the map. */
  readonly lines: readonly Float32Array[];
  readonly ink: string;
}

const FADE_MS = 70;
/** From here on nobody sees what was before: drawing two pictures costs twice as much. */
const SHOWN = 0.96;

/** Draws a field under the points; one takes over from another by fading. */
export class FieldLayer implements MapLayer {
  readonly place = "under";
  private field: Field | null = null;
  private before: Field | null = null;
  private shown = 1;

  set(field: Field | null): void {
    if (field === this.field) return;
    const fades = field !== null && this.field !== null;
    this.before = !fades ? null : this.shown > 0.5 ? this.field : this.before;
    this.shown = this.before ? 0 : 1;
    this.field = field;
  }

  draw(scene: LayerScene): boolean {
    if (scene.camera.kind !== "plane") return false;
    if (this.shown < SHOWN) this.shown += (1 - this.shown) * (1 - Math.exp(-scene.elapsed / FADE_MS));
    if (this.shown >= SHOWN) this.before = null;
    const share = this.before ? this.shown : 1;
    if (this.before) paint(scene, this.before, 1 - share);
    if (this.field) paint(scene, this.field, share);
    scene.pen.globalAlpha = 1;
    return this.before !== null;
  }
}

function paint(scene: LayerScene, field: Field, share: number): void {
  const { pen } = scene;
  const spot = spotOf(scene, field.bounds);
  if (!spot) return;
  pen.globalAlpha = field.opacity * share;
  pen.imageSmoothingEnabled = true;
  // Enlarged, a smooth picture looks the same at any quality, and the best takes most of a frame.
  pen.imageSmoothingQuality = spot.width > field.image.width ? "low" : "medium";
  pen.drawImage(field.image, spot.left, spot.top, spot.width, spot.height);
  if (field.lines.length === 0) return;
  pen.globalAlpha = share;
  pen.strokeStyle = field.ink;
  pen.lineCap = "butt"; // the pieces meet; round ends of thousands of them take longer than all else
  field.lines.forEach((line, at) => {
    pen.lineWidth = at === 0 ? 1.2 : 0.9;
    pen.beginPath();
    for (let i = 0; i + 3 < line.length; i += 4) {
      pen.moveTo(spot.x(line[i] as number), spot.y(line[i + 1] as number));
      pen.lineTo(spot.x(line[i + 2] as number), spot.y(line[i + 3] as number));
    }
    pen.stroke();
  });
}

interface Spot {
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
