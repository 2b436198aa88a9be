import { parseAnatomy, type Anatomy } from "./anatomy";
import { parseAtlas, type Atlas } from "./atlas";
import { parseChurn, type Churn } from "./churn";
import { parseDensity, parseGaps, parseGrid, parseTrust, type Density, type Gaps, type Grid, type Trust } from "./grid";
import { parseMap, type MapFrame } from "./map";
import { parseNeighbors, type Neighbors } from "./neighbors";

/** What is made over a 2-D map: there is one of each over the PCA map, and one over the UMAP map. */
export interface PlaneTypes {
  readonly posterior_2d: Density;
  readonly prior_2d: Density;
  readonly prior_empirical_2d: Density;
  readonly prior_minus_posterior_2d: Gaps;
  readonly metric_ratio_2d: Grid;
  readonly trust_2d: Trust;
  readonly atlas: Atlas;
}

export type PlaneKind = keyof PlaneTypes;
type Method = "pca" | "umap";
type PlaneFrames = { readonly [K in PlaneKind as `${K}_${Method}`]: PlaneTypes[K] };

/** The large artifacts of every epoch, by kind, and what is made of each. */
export interface FrameTypes extends PlaneFrames {
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
  posterior_2d_pca: parseDensity,
  posterior_2d_umap: parseDensity,
  prior_2d_pca: parseDensity,
  prior_2d_umap: parseDensity,
  prior_empirical_2d_pca: parseDensity,
  prior_empirical_2d_umap: parseDensity,
  prior_minus_posterior_2d_pca: parseGaps,
  prior_minus_posterior_2d_umap: parseGaps,
  metric_ratio_2d_pca: parseGrid,
  metric_ratio_2d_umap: parseGrid,
  trust_2d_pca: parseTrust,
  trust_2d_umap: parseTrust,
  atlas_pca: parseAtlas,
  atlas_umap: parseAtlas,
};
