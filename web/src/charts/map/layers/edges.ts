import { css, type Rgb } from "@/lib/rgb";
import type { LayerScene, MapLayer } from "../scene";

/** Edges from one point to others, by their places in the frame. */
export interface Edges {
  readonly from: number | null;
  /** Weight of the edge to each end, 0 to 1. */
  readonly ends: ReadonlyMap<number, number>;
  readonly color: Rgb;
  readonly colorOf: (at: number) => string;
  readonly ring: string;
  readonly ground: string;
}

const FADE_MS = 90;

/** Draws the point in focus and its edges. An edge comes and goes by fading, never at once. */
export class EdgesLayer implements MapLayer {
  readonly place = "over";
  private readonly weights = new Map<number, number>();
  private from: number | null = null;

  constructor(private edges: Edges) {}

  set(edges: Edges): void {
    if (edges.from !== this.from) this.weights.clear();
    this.from = edges.from;
    this.edges = edges;
  }

  draw(scene: LayerScene): boolean {
    const fading = this.fade(scene.elapsed);
    const start = this.from === null ? null : scene.pixel(this.from);
    if (!start) return fading;
    const { pen } = scene;
    const { color, ground, colorOf, ring } = this.edges;
    for (const [at, weight] of this.weights) {
      const end = scene.pixel(at);
      if (!end) continue;
      pen.strokeStyle = css(color, 0.12 + 0.68 * weight);
      pen.globalAlpha = Math.min(1, weight * 4);
      pen.lineWidth = 0.75 + weight * 0.9;
      pen.beginPath();
      pen.moveTo(...start);
      pen.lineTo(...end);
      pen.stroke();
    }
    for (const [at, weight] of this.weights) {
      const end = scene.pixel(at);
      if (!end) continue;
      pen.globalAlpha = Math.min(1, weight * 4);
      dot(pen, end, 3.4 + weight, colorOf(at), ground, 1);
    }
    pen.globalAlpha = 1;
    dot(pen, start, 5, colorOf(this.from as number), ground, 2);
    circle(pen, start, 8, ring, 1.8);
    return fading;
  }

  private fade(elapsed: number): boolean {
    let fading = false;
    const share = 1 - Math.exp(-elapsed / FADE_MS);
    for (const at of this.edges.ends.keys()) if (!this.weights.has(at)) this.weights.set(at, 0);
    for (const [at, weight] of this.weights) {
      const goal = this.edges.ends.get(at) ?? 0;
      const next = weight + (goal - weight) * share;
      if (goal === 0 && next < 0.01) this.weights.delete(at);
      else this.weights.set(at, Math.abs(goal - next) < 0.005 ? goal : next);
      if (Math.abs(goal - next) >= 0.005) fading = true;
    }
    return fading;
  }
}

export function dot(
  pen: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  radius: number,
  fill: string,
  rim: string,
  width: number,
): void {
  pen.beginPath();
  pen.arc(x, y, radius + width, 0, Math.PI * 2);
  pen.fillStyle = rim;
  pen.fill();
  pen.beginPath();
  pen.arc(x, y, radius, 0, Math.PI * 2);
  pen.fillStyle = fill;
  pen.fill();
}

export function circle(pen: CanvasRenderingContext2D, [x, y]: readonly [number, number], radius: number, color: string, width: number): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, Math.PI * 2);
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.stroke();
}
