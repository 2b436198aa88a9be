import type { Bar } from "@/charts/Bars";
import { steady } from "@/lib/format";

const MOST = 16;

/**
 * KL per latent dimension, the largest first; of many, those that matter.
 *
 * @param active Which dimensions carry information; the others are gray. Null where that is not known.
 */
export function klBars(values: ArrayLike<number>, active: readonly boolean[] | null = null): readonly Bar[] {
  return Array.from(values, (value, d) => {
    const idle = active?.[d] === false;
    return { id: d, label: <>z<sub>{d + 1}</sub></>, value, text: steady(value), color: idle ? "var(--bar)" : undefined };
  })
    .sort((a, b) => b.value - a.value)
    .slice(0, MOST);
}

/** How many dimensions are active, in words; null where that is not known. */
export function activeWords(active: readonly boolean[] | null | undefined): string | null {
  if (!active || active.length === 0) return null;
  const on = active.filter(Boolean).length;
  if (on === active.length) return `All ${active.length} dimensions are active: their codes vary over the points.`;
  const idle = active.length - on;
  return `${on} of ${active.length} dimensions are active; the ${idle === 1 ? "code of the gray one hardly varies" : "codes of the gray ones hardly vary"} over the points.`;
}
