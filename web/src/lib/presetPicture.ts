import { BASE } from "./base";

/** Presets with a picture under `public/presets`, drawn out of a run of each. */
const DRAWN: readonly string[] = [
  "digits-gmvae",
  "mnist-gmvae",
  "mnist-supervised-ae",
  "mnist5k-gmvae",
  "mnist5k-supervised-ae",
  "digits-vae",
  "mnist5k-ae",
  "mnist5k-vae",
  "mnist5k-vae-annealed",
];

/** Where the picture of a preset is; null where there is none. */
export function presetPicture(name: string): string | null {
  const file = name.split("/").at(-1) ?? name;
  if (!DRAWN.includes(file)) return null;
  return `${BASE}/presets/${encodeURIComponent(file)}.png`;
}
