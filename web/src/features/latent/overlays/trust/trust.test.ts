import { describe, expect, it } from "vitest";
import { drawsWhereItIs, keepsToTheContract } from "../contract";
import { trust, trustGround } from ".";

describe("trust", () => {
  keepsToTheContract(trust, "trust_2d");
  drawsWhereItIs(trustGround, (values) => ({ parts: { density: values, cycle: values, distortion: values } }), [0, 1]);

  it("spans 0 to 1 whatever there is, and is told in words", () => {
    expect(trustGround.scaleOf({ stats: { min: 0.4, max: 0.5 } } as never, "dark").ends).toEqual([0, 1]);
    expect(trustGround.read(0.9, {} as never)).toBe("0.9, trust it");
    expect(trustGround.read(0.1, {} as never)).toBe("0.1, do not trust it");
  });
});
