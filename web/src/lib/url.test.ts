import { describe, expect, it } from "vitest";
import { withParams } from "./url";

describe("withParams", () => {
  it("changes some parameters of the address and keeps the others", () => {
    expect(withParams("?k=12&epoch=3", { epoch: null })).toBe("?k=12");
    expect(withParams("", { epoch: "4" })).toBe("?epoch=4");
  });
});
