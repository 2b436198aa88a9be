import { projectAll } from "@/lib/camera";
import type { PointRenderer, Scene } from "./scene";

/** Draws the points without a graphics card: the same picture, slower with many points. */
export class PlainRenderer implements PointRenderer {
  readonly kind = "canvas";
  private readonly pen: CanvasRenderingContext2D;
  private pixels = new Float32Array(0);

  /** @throws Error when the browser gives no 2-D canvas either. */
  constructor(readonly canvas: HTMLCanvasElement) {
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("This browser gives no canvas.");
    this.pen = pen;
  }

  draw(scene: Scene): void {
    const { pen } = this;
    const { view, ratio, look } = scene;
    const positions = scene.glide.positions(scene.now);
    if (this.pixels.length !== look.lit.length * 2) this.pixels = new Float32Array(look.lit.length * 2);
    projectAll(scene.matrix, view, positions, this.pixels);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, view.width, view.height);
    const radius = scene.size / 2;
    for (const at of look.order) {
      const [x, y] = [this.pixels[at * 2] as number, this.pixels[at * 2 + 1] as number];
      if (!(x > -radius && y > -radius && x < view.width + radius && y < view.height + radius)) continue;
      const c = at * 4;
      const [r, g, b, a] = [look.colors[c], look.colors[c + 1], look.colors[c + 2], look.colors[c + 3]];
      pen.fillStyle = `rgba(${r},${g},${b},${((a ?? 255) / 255).toFixed(2)})`;
      pen.beginPath();
      pen.arc(x, y, radius, 0, 6.2832);
      pen.fill();
    }
  }

  dispose(): void {
    this.pixels = new Float32Array(0);
  }
}
