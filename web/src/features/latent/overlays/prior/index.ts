import { compact } from "@/lib/format";
import { densityGround } from "../densityGround";
import { groundOverlay } from "../ground";

export const uniform = densityGround("prior_2d", ({ components }) =>
  components && components.of > 1 ? `All ${components.of} components count the same.` : "What the model expects before it has seen anything.",
);
export const empirical = densityGround("prior_empirical_2d", ({ components }) =>
  components ? `Components as often as the data use them: ${compact(components.effective, 3)} of ${components.of} in effect.` : "Components as often as the data use them.",
);

/** Where the model expects latents to be. */
export const prior = groundOverlay({ id: "prior", label: "Prior density", ground: uniform });
/** The same, with the weights that the data give the components; of mixtures only. */
export const priorAsUsed = groundOverlay({ id: "used", label: "Prior density, as used", ground: empirical });
