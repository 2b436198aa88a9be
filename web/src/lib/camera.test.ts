import { describe, expect, it } from "vitest";
import { between, fit, matrixOf, orbit, pan, projectionPoint, screenPoint, toProjection, toScreen, zoom, type OrbitCamera, type PlaneCamera } from "./camera";

const VIEW = { width: 800, height: 600 };
const BOUNDS = { min: [-2, -1, -3], max: [4, 3, 1] };
const plane = fit(BOUNDS, 2, VIEW) as PlaneCamera;
const solid = fit(BOUNDS, 3, VIEW) as OrbitCamera;

describe("the camera over a plane", () => {
  it("shows all of the bounds, centered, with a margin", () => {
    const low = toScreen(matrixOf(plane, VIEW), VIEW, projectionPoint(-2, -1));
    const high = toScreen(matrixOf(plane, VIEW), VIEW, projectionPoint(4, 3));
    expect(low?.[0]).toBeCloseTo(40, 3);
    expect(high?.[0]).toBeCloseTo(760, 3);
    expect(((low?.[1] ?? 0) + (high?.[1] ?? 0)) / 2).toBeCloseTo(300, 3);
    expect(low?.[1]).toBeGreaterThan(high?.[1] ?? 0);
  });

  it("finds the place under a pixel again", () => {
    const place = toProjection(plane, VIEW, screenPoint(123, 456));
    const pixel = toScreen(matrixOf(plane, VIEW), VIEW, place);
    expect(pixel?.[0]).toBeCloseTo(123, 3);
    expect(pixel?.[1]).toBeCloseTo(456, 3);
  });

  it("keeps what is under the pointer when it zooms, and under the finger when it pans", () => {
    const at = screenPoint(200, 100);
    const before = toProjection(plane, VIEW, at);
    const closer = zoom(plane, VIEW, at, 3) as PlaneCamera;
    expect(closer.scale).toBeCloseTo(plane.scale * 3);
    expect(toProjection(closer, VIEW, at)[0]).toBeCloseTo(before[0], 9);
    const moved = pan(closer, VIEW, 30, -20) as PlaneCamera;
    expect(toProjection(moved, VIEW, screenPoint(230, 80))[1]).toBeCloseTo(before[1], 9);
  });
});

describe("the camera around a cloud", () => {
  it("has its target in the middle, and what is near it in view", () => {
    const matrix = matrixOf(solid, VIEW);
    const middle = toScreen(matrix, VIEW, projectionPoint(...solid.target));
    expect(middle?.[0]).toBeCloseTo(400, 2);
    expect(middle?.[1]).toBeCloseTo(300, 2);
    for (const x of [-1.4, 3.4]) for (const y of [-0.6, 2.6]) for (const z of [-2.6, 0.6]) {
      const corner = toScreen(matrix, VIEW, projectionPoint(x, y, z));
      expect(corner?.[0]).toBeGreaterThan(0);
      expect(corner?.[0]).toBeLessThan(800);
      expect(corner?.[1]).toBeGreaterThan(0);
      expect(corner?.[1]).toBeLessThan(600);
    }
  });

  it("turns with the drag, never over the pole", () => {
    const near = projectionPoint(...(solid.target.map((v, d) => v + [Math.sin(solid.yaw), 0.3, Math.cos(solid.yaw)][d]!) as [number, number, number]));
    const before = toScreen(matrixOf(solid, VIEW), VIEW, near);
    const after = toScreen(matrixOf(orbit(solid, 40, 0), VIEW), VIEW, near);
    expect(after?.[0]).toBeGreaterThan(before?.[0] ?? 0);
    expect(orbit(solid, 0, 1e6).pitch).toBeLessThan(Math.PI / 2);
  });

  it("keeps the target's plane under the finger when it pans", () => {
    const before = projectionPoint(...solid.target);
    const at = toScreen(matrixOf(pan(solid, VIEW, 50, 20), VIEW), VIEW, before);
    expect(at?.[0]).toBeCloseTo(450, 1);
    expect(at?.[1]).toBeCloseTo(320, 1);
  });

  it("has no pixel for what is behind it", () => {
    const behind = solid.target.map((v, d) => v + [Math.sin(solid.yaw), Math.sin(solid.pitch), Math.cos(solid.yaw)][d]! * solid.distance * 3);
    expect(toScreen(matrixOf(solid, VIEW), VIEW, projectionPoint(behind[0]!, behind[1]!, behind[2]))).toBeNull();
  });
});

it("goes from one camera to another without overshooting", () => {
  const far = zoom(plane, VIEW, screenPoint(0, 0), 4);
  expect(between(plane, far, 0)).toEqual(plane);
  expect((between(plane, far, 0.5) as PlaneCamera).scale).toBeCloseTo(plane.scale * 2);
  expect(between(plane, solid, 0.5)).toBe(solid);
});
