import { apart, type Anchor } from "@/lib/latent/anchors";
import type { LayerScene, MapLayer } from "../scene";
import { printed, type Print, type Printed } from "./printed";

export interface Names {
  readonly anchors: readonly Anchor[];
  readonly nameOf: (value: number) => string;
  readonly ink: string;
  /** Drawn around the ink, so that it is read over points of any color. */
  readonly halo: string;
  readonly font: string;
  /** Place in the frame of a point that no name may cover; null for none. */
  readonly clear: number | null;
}

const ROOM = 17;
const SETTLE_MS = 110;

/** Writes the name of each class at its most crowded place. The names move with the points. */
export class NamesLayer implements MapLayer {
  readonly place = "over";
  private readonly shown = new Map<number, [number, number, number]>();
  /** Words as they are drawn, by themselves; of one look. */
  private readonly words = new Map<string, Printed>();
  private look = "";

  constructor(private names: Names, private readonly print: Print = printed) {}

  set(names: Names): void {
    this.names = names;
    const still = new Set(names.anchors.map(({ value }) => value));
    for (const value of this.shown.keys()) if (!still.has(value)) this.shown.delete(value);
  }

  draw(scene: LayerScene): boolean {
    const moving = this.move(scene.elapsed);
    const { pen } = scene;
    const placed = this.names.anchors.flatMap(({ value }) => {
      const pixel = scene.pixelOf(...(this.shown.get(value) as [number, number, number]));
      return pixel ? [{ text: this.names.nameOf(value), pixel }] : [];
    });
    const held = this.names.clear === null ? null : scene.pixel(this.names.clear);
    const places = placed.map(({ pixel }) => pixel);
    const spots = held ? apart([held, ...places], ROOM, 1).slice(1) : apart(places, ROOM);
    const onPixel = (value: number) => Math.round(value * scene.ratio) / scene.ratio;
    placed.forEach(({ text }, at) => {
      const [x, y] = spots[at] as readonly [number, number];
      const { image, width, height } = this.word(text, scene.ratio);
      pen.drawImage(image, onPixel(x - width / 2), onPixel(y - height / 2), width, height);
    });
    return moving;
  }

  private word(text: string, ratio: number): Printed {
    const { font, ink, halo } = this.names;
    const look = `${font} ${ink} ${halo} ${ratio}`;
    if (look !== this.look) this.words.clear();
    this.look = look;
    const known = this.words.get(text) ?? this.print(text, this.names, ratio);
    if (known.final) this.words.set(text, known);
    return known;
  }

  /** Each name goes most of its way to the crowd, so that it never jumps from heap to heap. */
  private move(elapsed: number): boolean {
    let moving = false;
    const share = 1 - Math.exp(-elapsed / SETTLE_MS);
    for (const { value, at } of this.names.anchors) {
      const seen = this.shown.get(value);
      if (!seen) {
        this.shown.set(value, [...at]);
        continue;
      }
      const far = Math.max(...[0, 1, 2].map((d) => Math.abs((at[d] as number) - (seen[d] as number))));
      for (const d of [0, 1, 2] as const) seen[d] += (at[d] - seen[d]) * share;
      if (far > 0.004) moving = true;
    }
    return moving;
  }
}
