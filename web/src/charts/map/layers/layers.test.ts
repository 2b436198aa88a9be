import { describe, expect, it, vi } from "vitest";
import type { LayerScene } from "../scene";
import { BoxLayer } from "./box";
import { EdgesLayer, type Edges } from "./edges";
import { NamesLayer } from "./names";

/** A pen that remembers how strongly each line was drawn, and each text's place. */
function pen() {
  const lines: number[] = [];
  const texts: [string, number, number][] = [];
  let count = 0;
  const target = { globalAlpha: 1, strokeStyle: "", lines, texts, get strokes() { return count; } };
  const calls: Readonly<Record<string, (...given: never[]) => void>> = {
    stroke: () => (count += 1),
    lineTo: () => lines.push(target.globalAlpha * Number(/\/ ([\d.]+)/.exec(target.strokeStyle)?.[1] ?? 1)),
    drawImage: (...[image, left, top, width, height]: [string, number, number, number, number]) => texts.push([image, left + width / 2, top + height / 2]),
  };
  return new Proxy(target, { get: (of, name) => Reflect.get(of, name) ?? calls[String(name)] ?? (() => undefined) });
}

const PLACES: Readonly<Record<number, readonly [number, number]>> = { 0: [0, 0], 1: [50, 0], 2: [0, 50] };
function scene(elapsed: number, with_ = pen()) {
  const pixel = (at: number) => PLACES[at] ?? null;
  return { pen: with_, elapsed, ratio: 1, pixel, pixelOf: (x: number, y: number) => [x, y], camera: { kind: "orbit" } } as unknown as LayerScene & { pen: ReturnType<typeof pen> };
}
const edges = (from: number | null, ends: [number, number][]): Edges => ({
  from, ends: new Map(ends), color: [255, 255, 255], colorOf: () => "red", ring: "white", ground: "black",
});

describe("edges", () => {
  it("come by fading, and rest when they are there", () => {
    const layer = new EdgesLayer(edges(null, []));
    layer.set(edges(0, [[1, 1]]));
    const alphas = [16, 16, 16, 2000].map((elapsed) => {
      const now = scene(elapsed);
      layer.draw(now);
      return now.pen.lines[0] ?? 0;
    });
    for (let at = 1; at < alphas.length; at += 1) expect(alphas[at]).toBeGreaterThan(alphas[at - 1] as number);
    expect(alphas[0]).toBeLessThan(0.8);
    expect(layer.draw(scene(16))).toBe(false);
  });

  it("go by fading when the neighbor is one no more", () => {
    const layer = new EdgesLayer(edges(null, []));
    layer.set(edges(0, [[1, 1], [2, 1]]));
    layer.draw(scene(5000));
    layer.set(edges(0, [[1, 1]]));
    const now = scene(16);
    expect(layer.draw(now)).toBe(true);
    expect(now.pen.lines).toHaveLength(2);
    layer.draw(scene(5000));
    const later = scene(16);
    expect(layer.draw(later)).toBe(false);
    expect(later.pen.lines).toHaveLength(1);
  });

  it("do not linger from another focus, nor draw without one", () => {
    const layer = new EdgesLayer(edges(null, []));
    layer.set(edges(0, [[1, 1]]));
    layer.draw(scene(5000));
    layer.set(edges(2, []));
    const now = scene(5000);
    layer.draw(now);
    expect(now.pen.lines).toHaveLength(0);
    layer.set(edges(null, []));
    const none = scene(16);
    layer.draw(none);
    expect(none.pen.strokes).toBe(0);
  });
});

describe("names", () => {
  const print = vi.fn((text: string) => ({ image: text as unknown as CanvasImageSource, width: 20, height: 10, final: true }));
  const names = (x: number) => ({
    anchors: [{ value: 3, count: 9, at: [x, 100, 0] as const }], nameOf: String, ink: "", halo: "", font: "", clear: null,
  });
  it("move to the new crowd without a jump", () => {
    const layer = new NamesLayer(names(100), print);
    layer.draw(scene(0));
    layer.set(names(300));
    const seen = [16, 16, 5000].map((elapsed) => {
      const now = scene(elapsed);
      layer.draw(now);
      return now.pen.texts[0]?.[1] ?? 0;
    });
    expect(seen[0]).toBeGreaterThan(100);
    expect(seen[0]).toBeLessThan(160);
    expect(seen[1]).toBeGreaterThan(seen[0] as number);
    expect(seen[2]).toBeCloseTo(300);
  });
  it("are written once, and again in another color", () => {
    print.mockClear();
    const layer = new NamesLayer(names(100), print);
    for (let at = 0; at < 5; at += 1) layer.draw(scene(16));
    expect(print).toHaveBeenCalledTimes(1);
    layer.set({ ...names(100), ink: "white" });
    layer.draw(scene(16));
    expect(print).toHaveBeenCalledTimes(2);
  });
  it("leave the point in focus to be seen", () => {
    const layer = new NamesLayer({ ...names(52), anchors: [{ value: 3, count: 9, at: [52, 0, 0] }], clear: 1 }, print);
    const now = scene(0);
    layer.draw(now);
    expect(Math.hypot((now.pen.texts[0]?.[1] ?? 0) - 50, now.pen.texts[0]?.[2] ?? 0)).toBeGreaterThan(16);
  });
});

it("draws the twelve edges of the box", () => {
  const layer = new BoxLayer();
  layer.set({ min: [0, 0, 0], max: [1, 1, 1] }, "gray");
  const now = scene(0);
  layer.draw(now);
  expect(now.pen.lines).toHaveLength(12);
});
