import { compact } from "@/lib/format";
import { amountScale } from "@/lib/latent/scales";
import { verdict } from "@/lib/latent/trustWords";
import { groundOverlay, type Ground } from "../ground";

/** How far the map and what is decoded from it can be trusted. */
export const trustGround: Ground<"trust_2d"> = {
  kind: "trust_2d",
  scaleOf: (_, theme) => amountScale(theme, 1, 0.55, 1.1),
  meaningOf: () => ({
    low: "0",
    unit: "trust",
    high: "1",
    words: "Density, cycle error and distortion in one: where the ground is clear, do not trust what is decoded.",
  }),
  read: (value) => `${compact(value, 2)}, ${verdict(value).words.toLowerCase()}`,
};

export const trust = groundOverlay({ id: "trust", label: "Trust", ground: trustGround });
