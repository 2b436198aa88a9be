import type { Bounds } from "@/lib/camera";
import type { LayerScene, MapLayer } from "../scene";

/** The room of a 3-D map: twelve faint lines say how it lies, which points alone do not. */
export class BoxLayer implements MapLayer {
  readonly place = "under";
  private bounds: Bounds | null = null;
  private color = "";

  set(bounds: Bounds, color: string): void {
    this.bounds = bounds;
    this.color = color;
  }

  draw(scene: LayerScene): boolean {
    const { bounds } = this;
    if (!bounds || scene.camera.kind !== "orbit" || bounds.min.length < 3) return false;
    const { pen } = scene;
    pen.strokeStyle = this.color;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const [a, b] of EDGES) {
      const from = scene.pixelOf(...corner(bounds, a));
      const to = scene.pixelOf(...corner(bounds, b));
      if (!from || !to) continue;
      pen.moveTo(...from);
      pen.lineTo(...to);
    }
    pen.stroke();
    return false;
  }
}

/** Pairs of corners that differ in one axis; a corner is three bits. */
const EDGES = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((a) => [1, 2, 4].flatMap((bit) => (a & bit ? [] : [[a, a | bit] as const])));

function corner({ min, max }: Bounds, bits: number): [number, number, number] {
  const side = (d: number) => ((bits >> d) & 1 ? max[d] : min[d]) ?? 0;
  return [side(0), side(1), side(2)];
}
