import { scaleOf, type TileView } from "./scene";

const DASH = [3, 2.5];

/** Draws the unit circle of every tile, dashed, cut off at its border. */
export function drawCircles(pen: CanvasRenderingContext2D, tiles: readonly TileView[], side: number, color: string): void {
  pen.strokeStyle = color;
  pen.lineWidth = 1;
  pen.setLineDash(DASH);
  for (const tile of tiles) {
    const scale = scaleOf(tile, side);
    pen.save();
    pen.beginPath();
    pen.rect(tile.left, tile.top, side, side);
    pen.clip();
    pen.beginPath();
    pen.arc(tile.left + side / 2 - tile.window.x * scale, tile.top + side / 2 + tile.window.y * scale, scale, 0, 6.2832);
    pen.stroke();
    pen.restore();
  }
  pen.setLineDash([]);
}
