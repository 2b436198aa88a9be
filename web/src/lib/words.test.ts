import { expect, it } from "vitest";
import { modelWords } from "./words";

it("calls models as people do, and what it does not know as it is called", () => {
  expect(["gmvae", "denoising-ae", "beta-tcvae", "vq-vae", "mine"].map(modelWords)).toEqual(["GM-VAE", "Denoising AE", "β-TCVAE", "VQ-VAE", "mine"]);
});
