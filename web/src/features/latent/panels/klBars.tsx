import type { Bar } from "@/charts/Bars";
import { steady } from "@/lib/format";

const MOST = 16;

/** KL per latent dimension, the largest first; of many, those that matter. */
export function klBars(values: ArrayLike<number>): readonly Bar[] {
  return Array.from(values, (value, d) => ({ id: d, label: <>z<sub>{d + 1}</sub></>, value, text: steady(value) }))
    .sort((a, b) => b.value - a.value)
    .slice(0, MOST);
}
