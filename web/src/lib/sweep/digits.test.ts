import { expect, it } from "vitest";
import { numberWriter } from "./digits";

const written = (...values: number[]) => values.map(numberWriter(values));

it("writes a column's numbers with the decimals that tell them apart", () => {
  expect(written(0.00204, 0.00231, 0.0021)).toEqual(["0.002040", "0.002310", "0.002100"]);
  expect(written(0.473, 0.095)).toEqual(["0.473", "0.095"]);
  expect(written(104.02, 141.1)).toEqual(["104.0", "141.1"]);
  expect(written(-1.5, 2)).toEqual(["−1.50", "2.00"]);
});

it("goes over to exponents where decimals do not help", () => {
  expect(written(3e-9, 4e-9)[0]).toMatch(/e−9$/);
  expect(written(5e7)[0]).toMatch(/e7$/);
  expect(numberWriter([])(0.25)).toBe("0.25");
  expect(written(2, 2)).toEqual(["2.00", "2.00"]);
  expect(written(0, 0)).toEqual(["0", "0"]);
});
