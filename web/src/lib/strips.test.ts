import { describe, expect, it } from "vitest";
import { stripsOf } from "./strips";

describe("stripsOf", () => {
  const table = (names: string[]) => ({ x: [], step: [], columns: Object.fromEntries(names.map((name) => [name, []])) });

  it("makes one strip per term, validation over training", () => {
    const strips = stripsOf(table(["val/loss", "train/loss", "nmi", "qc_neff", "val/qc_neff", "train/lr", "kld_weight"]), table([]), ["kld_weight"]);
    expect(strips.map(({ term, validation, training }) => [term, validation, training])).toEqual([
      ["loss", "val/loss", "train/loss"],
      ["qc_neff", "val/qc_neff", "qc_neff"],
      ["nmi", "nmi", null],
    ]);
  });
});
