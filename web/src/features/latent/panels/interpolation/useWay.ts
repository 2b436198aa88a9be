import { useSheet, type LoadedSheet } from "@/features/samples/useSheet";
import { rowOf } from "@/lib/latent/columns";
import { useLatent } from "../../latent";

export const WAY = 8;

export interface Way {
  /** dataset_idx of the other end; null where there is none. */
  readonly to: number | null;
  /** Its rank among the neighbors of the point, from 0; -1 for one that was chosen. */
  readonly rank: number;
  readonly neighbors: readonly number[];
  readonly loaded: LoadedSheet;
}

/** The way from a point to the one chosen, or else to its nearest. */
export function useWay(id: number, mode: "linear" | "spherical", wanted: boolean): Way {
  const { view, neighbors, order, epoch } = useLatent();
  const at = neighbors.data?.ids.indexOf(id) ?? -1;
  const near = neighbors.data && at >= 0 ? Array.from(rowOf(neighbors.data.nearest, at)).filter((other) => other !== id) : [];
  const to = view.to !== null && view.to !== id && order.has(view.to) ? view.to : (near[0] ?? null);
  const wish = !wanted || to === null ? null : { idx: id, to, m: WAY, ...(mode === "spherical" && { mode }) };
  return { to, rank: to === null ? -1 : near.indexOf(to), neighbors: near, loaded: useSheet("interpolation", epoch, wish) };
}
