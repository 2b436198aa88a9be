import { expect, it } from "vitest";
import type { Anatomy } from "./anatomy";
import type { MapFrame } from "./map";
import { labelsOf, MOST_IN_ADDRESS, readSelection, selectedOf, selectionCsv, selectionText, sortedBy } from "./selection";

const map = { ids: Int32Array.from([30, 10, 20]), label: Int32Array.from([2, 1, -1]) } as unknown as MapFrame;
const anatomy = { ids: Int32Array.from([10, 20, 30]), reconstruction: Float32Array.from([1.5, Number.NaN, 0.5]), component: Int32Array.from([7, 8, 9]), predicted: null } as unknown as Anatomy;
const points = selectedOf([10, 20, 30, 99], map, anatomy);

it("joins map and anatomy by dataset_idx, never by place", () => {
  expect(points).toEqual([
    { id: 10, label: 1, component: 7, predicted: null, error: 1.5 },
    { id: 20, label: null, component: 8, predicted: null, error: null },
    { id: 30, label: 2, component: 9, predicted: null, error: 0.5 },
  ]);
  expect(selectedOf([10], null, anatomy)).toEqual([]);
  expect(selectedOf([10], map, null)[0]).toMatchObject({ label: 1, component: null, error: null });
});

it("sorts with what is missing at the end, both ways", () => {
  const ids = (descending: boolean) => sortedBy(points, "error", descending).map(({ id }) => id);
  expect(ids(false)).toEqual([30, 10, 20]);
  expect(ids(true)).toEqual([10, 30, 20]);
  expect(sortedBy(points, "id", true).map(({ id }) => id)).toEqual([30, 20, 10]);
});

it("writes what the run has", () => {
  expect(selectionCsv(points, String)).toBe("dataset_idx,label,component,reconstruction\r\n10,1,7,1.5\r\n20,,8,\r\n30,2,9,0.5\r\n");
  expect(selectionCsv(points.slice(0, 1), () => "T-shirt, top")).toContain('10,1,"T-shirt, top",7,1.5');
});

it("counts labels, the most frequent first", () => {
  expect(labelsOf([...points, { ...points[2]!, id: 31 }])).toEqual([[2, 2], [1, 1]]);
});

it("stands in the address while it is short", () => {
  expect(readSelection(selectionText([5, 1, 9]))).toEqual([5, 1, 9]);
  expect(selectionText(Array.from({ length: MOST_IN_ADDRESS + 1 }, (_, at) => at))).toBeNull();
  expect(selectionText([])).toBeNull();
  expect(readSelection("4.x..-2.4.1e3.7")).toEqual([4, 7]);
  expect(readSelection(null)).toEqual([]);
});
