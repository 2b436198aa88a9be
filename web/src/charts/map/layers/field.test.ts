import { expect, it } from "vitest";
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
const scene = (elapsed: number, kind = "plane") => ({ pen: pen(), pixelOf, elapsed, camera: { kind } }) as unknown as LayerScene & { pen: ReturnType<typeof pen> };
const field = (name: string, lines: Float32Array[] = []): Field => ({
  image: name as unknown as HTMLCanvasElement, bounds: { min: [0, 0], max: [3, 2] }, opacity: 0.8, lines, ink: "",
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
