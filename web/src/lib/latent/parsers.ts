import { parseAnatomy, type Anatomy } from "./anatomy";
import { parseChurn, type Churn } from "./churn";
import { parseMap, type MapFrame } from "./map";
import { parseNeighbors, type Neighbors } from "./neighbors";

/** The large artifacts of every epoch, by kind, and what is made of each. */
export interface FrameTypes {
  readonly latent_2d_pca: MapFrame;
  readonly latent_3d_pca: MapFrame;
  readonly latent_2d_umap: MapFrame;
  readonly latent_3d_umap: MapFrame;
  readonly knn_pca: Neighbors;
  readonly knn_umap: Neighbors;
  readonly neighbor_churn: Churn;
  readonly anatomy: Anatomy;
}

export type FrameKind = keyof FrameTypes;

export const PARSERS: { readonly [K in FrameKind]: (value: unknown) => FrameTypes[K] } = {
  latent_2d_pca: parseMap,
  latent_3d_pca: parseMap,
  latent_2d_umap: parseMap,
  latent_3d_umap: parseMap,
  knn_pca: parseNeighbors,
  knn_umap: parseNeighbors,
  neighbor_churn: parseChurn,
  anatomy: parseAnatomy,
};
