import { describe, expect, it, vi } from "vitest";
import { fit, matrixOf, projectionPoint, toScreen, type PlaneCamera } from "@/lib/camera";
import type { LayerScene } from "../scene";
import { FieldLayer, spotOf, type Field } from "./field";

const VIEW = { width: 800, height: 600 };
const camera = fit({ min: [-1, -1], max: [4, 3] }, 2, VIEW) as PlaneCamera;
const matrix = matrixOf(camera, VIEW);
const pixelOf = (x: number, y: number) => toScreen(matrix, VIEW, projectionPoint(x, y));

function pen() {
  const images: (readonly [source: unknown, alpha: number, ...box: number[]])[] = [];
  const lines: (readonly [number, number])[] = [];
  const target = { globalAlpha: 1, images, lines };
  const calls: Readonly<Record<string, (...given: never[]) => void>> = {
    drawImage: (...[source, ...box]: [unknown, ...number[]]) => images.push([source, target.globalAlpha, ...box]),
    moveTo: (...at: [number, number]) => lines.push(at),
    lineTo: (...at: [number, number]) => lines.push(at),
  };
  return new Proxy(target, { get: (of, name) => Reflect.get(of, name) ?? calls[String(name)] ?? (() => undefined) });
}
const scene = (elapsed: number, kind = "plane", again: () => void = () => undefined) => ({ pen: pen(), pixelOf, elapsed, ratio: 2, camera: { kind }, again }) as unknown as LayerScene & { pen: ReturnType<typeof pen> };
const field = (name: string, lines: Float32Array[] = []): Field => ({
  bounds: { min: [0, 0], max: [3, 2] }, opacity: 0.8, drawing: () => ({ image: name as unknown as HTMLCanvasElement, lines, ink: "" }),
});

it("lays a picture with its outer edges on its bounds, the first row on top", () => {
  const layer = new FieldLayer();
  layer.set(field("a"));
  const now = scene(16);
  expect(layer.draw(now)).toBe(false);
  const [, alpha, left, top, width, height] = now.pen.images[0]!;
  expect(alpha).toBeCloseTo(0.8);
  const [low, high] = [pixelOf(0, 0)!, pixelOf(3, 2)!];
  expect([left, top]).toEqual([low[0], high[1]]);
  expect(left! + width!).toBeCloseTo(high[0], 3);
  expect(top! + height!).toBeCloseTo(low[1], 3);
});

it("draws lines through the places they are of", () => {
  const layer = new FieldLayer();
  layer.set(field("a", [Float32Array.of(0.5, 0.25, 2, 1.5)]));
  const now = scene(16);
  layer.draw(now);
  for (const [at, place] of [pixelOf(0.5, 0.25)!, pixelOf(2, 1.5)!].entries()) {
    expect(now.pen.lines[at]![0]).toBeCloseTo(place[0], 2);
    expect(now.pen.lines[at]![1]).toBeCloseTo(place[1], 2);
  }
  expect(spotOf({ pixelOf: () => null }, { min: [0, 0], max: [1, 1] })).toBeNull();
});

it("fades from one field to the next, and rests", () => {
  const layer = new FieldLayer();
  layer.set(field("a"));
  layer.draw(scene(16));
  layer.set(field("b"));
  const now = scene(16);
  expect(layer.draw(now)).toBe(true);
  expect(now.pen.images.map(([source]) => source)).toEqual(["a", "b"]);
  expect(now.pen.images[0]![1] + now.pen.images[1]![1]).toBeCloseTo(0.8);
  const later = scene(9000);
  expect(layer.draw(later)).toBe(false);
  expect(later.pen.images.map(([source]) => source)).toEqual(["b"]);
});

it("comes back without what it showed before it was turned off", () => {
  const layer = new FieldLayer();
  layer.set(field("a"));
  layer.draw(scene(16));
  layer.set(null);
  layer.set(field("b"));
  const now = scene(16);
  expect(layer.draw(now)).toBe(false);
  expect(now.pen.images.map(([source]) => source)).toEqual(["b"]);
});

it("is nothing for a map in space", () => {
  const layer = new FieldLayer();
  layer.set(field("a"));
  const now = scene(16, "orbit");
  layer.draw(now);
  expect(now.pen.images).toEqual([]);
});

describe("what is drawn beside the main thread", () => {
  /** A field whose pictures come when they are given. */
  function baking(name: string) {
    const asked: (readonly [width: number, height: number])[] = [];
    const answers: ((image: ImageBitmap | null) => void)[] = [];
    const closed: string[] = [];
    const image = (at: number) => ({ name: `${name}${at}`, width: asked[at]![0], height: asked[at]![1], close: () => closed.push(`${name}${at}`) }) as unknown as ImageBitmap;
    const bake = (width: number, height: number) => {
      asked.push([width, height]);
      return new Promise<ImageBitmap | null>((answer) => answers.push(answer));
    };
    const give = async (at: number, what = image(at) as ImageBitmap | null) => {
      answers[at]!(what);
      await Promise.resolve();
    };
    return { asked, closed, give, field: { ...field(name), opacity: 1, bake } };
  }
  const names = (now: ReturnType<typeof scene>) => now.pen.images.map(([source]) => (typeof source === "string" ? source : (source as { name: string }).name));

  it("takes over when it is there, pixel for pixel, and is asked for once", async () => {
    const [layer, a, again] = [new FieldLayer(), baking("a"), vi.fn()];
    layer.set(a.field);
    const early = [scene(16, "plane", again), scene(16, "plane", again)];
    for (const one of early) layer.draw(one);
    expect(early.map(names)).toEqual([[], []]);
    const [low, high] = [pixelOf(0, 0)!, pixelOf(3, 2)!];
    const size = [Math.round((high[0] - low[0]) * 2), Math.round((low[1] - high[1]) * 2)];
    expect(a.asked).toEqual([size]);
    const before = layer.stamp;
    await a.give(0);
    expect(again).toHaveBeenCalledTimes(1);
    expect(layer.stamp).not.toBe(before);
    const now = scene(16, "plane", again);
    expect(layer.draw(now)).toBe(false);
    expect(names(now)).toEqual(["a0"]);
    const [, , left, top, width, height] = now.pen.images[0]!;
    expect([width! * 2, height! * 2]).toEqual(size);
    expect([left! * 2, top! * 2].every(Number.isInteger)).toBe(true);
    expect(a.asked).toHaveLength(1);
  });

  it("is drawn here where that fails", async () => {
    const [layer, a] = [new FieldLayer(), baking("a")];
    layer.set(a.field);
    layer.draw(scene(16));
    await a.give(0, null);
    const now = scene(16);
    layer.draw(now);
    expect(names(now)).toEqual(["a"]);
  });

  it("stays in sight until the next one is there, and gives its memory back after it has faded", async () => {
    const [layer, a, b] = [new FieldLayer(), baking("a"), baking("b")];
    layer.set(a.field);
    layer.draw(scene(16));
    await a.give(0);
    layer.draw(scene(16));
    layer.set(b.field);
    const waiting = scene(16);
    expect(layer.draw(waiting)).toBe(false);
    expect(names(waiting)).toEqual(["a0"]);
    await b.give(0);
    const fading = scene(16);
    expect(layer.draw(fading)).toBe(true);
    expect(names(fading)).toEqual(["a0", "b0"]);
    layer.draw(scene(9000));
    expect([a.closed, b.closed]).toEqual([["a0"], []]);
    layer.set(null);
    expect(b.closed).toEqual(["b0"]);
  });

  it("drops a picture that nobody waits for any more", async () => {
    const [layer, a, b] = [new FieldLayer(), baking("a"), baking("b")];
    layer.set(a.field);
    layer.draw(scene(16));
    layer.set(b.field);
    await a.give(0);
    expect(a.closed).toEqual(["a0"]);
    layer.draw(scene(16));
    expect(b.asked).toHaveLength(1);
  });
});
