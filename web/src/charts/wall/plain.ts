import { EDGED, scaleOf, type WallRenderer, type WallScene } from "./scene";

/** Draws all tiles without a graphics card: a color is set once, for its point in every tile. */
export class PlainWall implements WallRenderer {
  readonly kind = "canvas";
  private readonly pen: CanvasRenderingContext2D;

  /** @throws Error when the browser gives no 2-D canvas either. */
  constructor(readonly canvas: HTMLCanvasElement) {
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("This browser gives no canvas.");
    this.pen = pen;
  }

  draw(scene: WallScene): void {
    this.pen.setTransform(scene.ratio, 0, 0, scene.ratio, 0, 0);
    this.pen.clearRect(0, 0, scene.view.width, scene.view.height);
    drawPoints(this.pen, scene, "square");
  }

  dispose(): void {
    this.pen.canvas.width = 1;
  }
}

/** Draws the points of all tiles with a pen; squares are fast, round ones are for a picture that is kept. */
export function drawPoints(pen: CanvasRenderingContext2D, scene: WallScene, shape: "square" | "round"): void {
  const { look, tiles, side, points, size, glide, t, rim } = scene;
  const square = size * 0.9;
  pen.lineWidth = 0.5;
  pen.strokeStyle = `rgb(${rim} ${rim} ${rim})`;
  for (const at of look.order) {
    const c = at * 4;
    const edged = look.colors[c + 3] === EDGED;
    pen.fillStyle = `rgba(${look.colors[c]},${look.colors[c + 1]},${look.colors[c + 2]},${((look.colors[c + 3] ?? 255) / 255).toFixed(2)})`;
    for (const tile of tiles) {
      const i = (tile.index * points + at) * 2;
      const scale = scaleOf(tile, side);
      const x = ((glide.from[i] as number) * (1 - t) + (glide.to[i] as number) * t - tile.window.x) * scale + side / 2;
      const y = (tile.window.y - (glide.from[i + 1] as number) * (1 - t) - (glide.to[i + 1] as number) * t) * scale + side / 2;
      if (!(x > 0 && y > 0 && x < side && y < side)) continue;
      pen.beginPath();
      if (shape === "square") pen.rect(tile.left + x - square / 2, tile.top + y - square / 2, square, square);
      else pen.arc(tile.left + x, tile.top + y, size / 2, 0, 6.2832);
      pen.fill();
      if (edged) pen.stroke();
    }
  }
}
