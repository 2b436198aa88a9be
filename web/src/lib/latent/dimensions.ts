import { steady } from "../format";
import { subscript } from "./fields";

/** A latent dimension to choose. */
export interface Dimension {
  /** From 0. */
  readonly d: number;
  readonly label: string;
}

/**
 * The latent dimensions of a point, those with the most information first.
 *
 * @param kl KL of each dimension at the point; null for a model without.
 * @param active Which dimensions carry information over all points; null where that is not known.
 * @param size How many there are, where neither says.
 */
export function traversable(kl: ArrayLike<number> | null, active: readonly boolean[] | null, size: number): readonly Dimension[] {
  const count = kl?.length ?? active?.length ?? size;
  const dims = Array.from({ length: count }, (_, d) => d);
  if (kl) dims.sort((a, b) => (kl[b] as number) - (kl[a] as number));
  return dims.map((d) => {
    const said = [kl ? `KL ${steady(kl[d])}` : null, active?.[d] === false ? "inactive" : null].filter(Boolean).join(", ");
    return { d, label: `z${subscript(d + 1)}${said ? ` · ${said}` : ""}` };
  });
}
