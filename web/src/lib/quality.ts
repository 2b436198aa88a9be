import { fields, maybeNumber, number, type Fields } from "./check";
import { parseReceipt, type Receipt } from "./receipt";

/** How well one map keeps the neighborhoods of the latent space, 0 to 1. */
export interface MapQuality {
  readonly k: number;
  /** Neighbors on the map are neighbors in the latent space. */
  readonly trustworthiness: number | null;
  /** Neighbors in the latent space are neighbors on the map. */
  readonly continuity: number | null;
}

export interface Quality {
  readonly receipt: Receipt;
  /** By the name of the map, as 2d_pca. */
  readonly maps: Readonly<Record<string, MapQuality>>;
}

export function parseQuality(value: unknown): Quality {
  const file = fields(value);
  const maps = Object.entries(fields(file.maps, "maps")).map(([name, map]) => [name, quality(fields(map, `maps.${name}`), name)] as const);
  return { receipt: parseReceipt(file), maps: Object.fromEntries(maps) };
}

function quality({ k, trustworthiness, continuity }: Fields, name: string): MapQuality {
  return { k: number(k, `maps.${name}.k`), trustworthiness: maybeNumber(trustworthiness), continuity: maybeNumber(continuity) };
}
