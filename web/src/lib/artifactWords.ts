const WORDS: Readonly<Record<string, string>> = {
  latents: "Latents",
  latent_2d_pca: "PCA map",
  latent_3d_pca: "PCA map, 3-D",
  latent_2d_umap: "UMAP map",
  latent_3d_umap: "UMAP map, 3-D",
  align_2d_pca: "Alignment of the PCA map",
  align_3d_pca: "Alignment of the 3-D PCA map",
  align_2d_umap: "Alignment of the UMAP map",
  align_3d_umap: "Alignment of the 3-D UMAP map",
  knn_pca: "Neighbors",
  knn_umap: "Neighbors",
  neighbor_churn: "Neighbor churn",
  anatomy: "Anatomy of the loss",
  mixture_health: "Mixture health",
  scores: "Scores",
  factor_scores: "Factor scores",
  shared_dimensions: "Shared dimensions",
  interventions: "Interventions",
  point_colors: "Colors of the points",
  pair_sprites: "Thumbnails of example pairs",
  pair_sprites_layout: "Layout of the thumbnails of example pairs",
  pairs_picture: "Picture of dimension pairs",
  reconstructions: "Reconstruction errors",
  reconstructions_image: "Reconstructions",
  checkpoint: "Checkpoint",
  timeline: "Schedule",
  timeline_image: "Picture of the schedule",
  sprites: "Thumbnails",
  sprites_layout: "Layout of the thumbnails",
  curves_picture: "Picture of the curves",
  diagnoses: "Diagnoses",
  ...onBoth("posterior_2d", "Density of the posterior"),
  ...onBoth("prior_2d", "Density of the prior"),
  ...onBoth("prior_empirical_2d", "Density of the prior as used"),
  ...onBoth("prior_minus_posterior_2d", "Holes and spills"),
  ...onBoth("metric_ratio_2d", "Metric distortion"),
  ...onBoth("trust_2d", "Trust"),
  ...onBoth("atlas", "Decode atlas"),
  decode_point: "A place of the map, decoded",
  projection_quality: "Faithfulness of the maps",
  posterior_local: "Samples of a posterior",
  prior_component: "Samples of a component",
  prior_samples: "Samples of the prior",
  interpolation: "Interpolation",
  traversal: "Traversal",
  map_picture: "Picture of the map",
};

/** A kind that there is over the PCA map and over the UMAP map. */
function onBoth(kind: string, words: string): Readonly<Record<string, string>> {
  return { [`${kind}_pca`]: words, [`${kind}_umap`]: `${words}, UMAP map` };
}

/** What people call a kind of artifact. */
export function artifactWords(kind: string): string {
  const known = WORDS[kind];
  if (known) return known;
  const words = kind.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
