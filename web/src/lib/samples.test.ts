import { expect, it } from "vitest";
import { parseSamples, sampleBackground } from "./samples";

const FILE = { m: 5, sample_seed: 7, epoch: 3, layout: { columns: 3, rows: 2, tile: { width: 8, height: 8 }, gap: 2 } };

it("finds each picture of the sheet, gaps included", () => {
  const samples = parseSamples(FILE);
  expect(samples).toMatchObject({ m: 5, seed: 7, values: null, receipt: { epoch: 3 } });
  expect(sampleBackground(samples.layout!, 0)).toEqual({ size: "350% 225%", position: "0% 0%" });
  expect(sampleBackground(samples.layout!, 2).position).toBe("100% 0%");
  expect(sampleBackground(samples.layout!, 4).position).toBe("50% 100%");
});

it("shows a single picture whole", () => {
  const one = parseSamples({ ...FILE, m: 1, layout: { ...FILE.layout, columns: 1, rows: 1 } });
  expect(sampleBackground(one.layout!, 0)).toEqual({ size: "100% 100%", position: "0% 0%" });
});

it("reads the decoded values of data that are no pictures", () => {
  const samples = parseSamples({ ...FILE, m: 2, layout: null, decoded: [[1, 2], [[3], [null]]] });
  expect([samples.layout, samples.decoded]).toEqual([null, [[1, 2], [3, Number.NaN]]]);
  expect(() => parseSamples({ ...FILE, m: 3, layout: null, decoded: [[1]] })).toThrow(/1 rows, not 3/);
});

it("refuses a sheet that cannot be what it says", () => {
  expect(() => parseSamples({ ...FILE, m: 7 })).toThrow(/no room for 7/);
  expect(() => parseSamples({ ...FILE, values: [1, 2] })).toThrow(/2 rows, not 5/);
  expect(() => parseSamples({ m: 1 })).toThrow(/layout/);
});
