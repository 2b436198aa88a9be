import type { LayerScene, MapLayer } from "../scene";
import { circle, dot } from "./edges";

export interface Ring {
  /** Place in the frame of the point under the pointer; null for none. */
  readonly at: number | null;
  readonly color: string;
  readonly fill: string;
  readonly ground: string;
}

/** Marks the point under the pointer. */
export class RingLayer implements MapLayer {
  readonly place = "over";

  constructor(private ring: Ring) {}

  set(ring: Ring): void {
    this.ring = ring;
  }

  draw(scene: LayerScene): boolean {
    const pixel = this.ring.at === null ? null : scene.pixel(this.ring.at);
    if (!pixel) return false;
    dot(scene.pen, pixel, 3.6, this.ring.fill, this.ring.ground, 1.4);
    circle(scene.pen, pixel, 6.6, this.ring.color, 1.5);
    return false;
  }
}
