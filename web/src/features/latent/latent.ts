"use client";
import { createContext, useContext } from "react";
import type { LoadedFrame } from "./data/useFrame";
import type { SpriteSheet } from "./data/useSprites";
import type { Palette } from "./look";
import type { LatentView } from "./view";
import type { Anatomy } from "@/lib/latent/anatomy";
import type { Churn } from "@/lib/latent/churn";
import type { ColorChoice, Field } from "@/lib/latent/fields";
import type { MapFrame } from "@/lib/latent/map";
import type { Edge, Neighbors } from "@/lib/latent/neighbors";

/** A class that the color shows. */
export interface ShownClass {
  readonly value: number;
  readonly name: string;
  readonly count: number;
}

/** What all parts of the explorer share. */
export interface Latent {
  readonly view: LatentView;
  readonly change: (changes: Partial<LatentView>) => void;
  /** Where the scrubber stands, at a calm pace. */
  readonly epoch: number;
  readonly mapKind: "latent_2d_pca" | "latent_3d_pca" | "latent_2d_umap" | "latent_3d_umap";
  readonly map: LoadedFrame<MapFrame>;
  readonly anatomy: LoadedFrame<Anatomy>;
  readonly neighbors: LoadedFrame<Neighbors>;
  readonly churn: LoadedFrame<Churn>;
  readonly choices: readonly ColorChoice[];
  readonly choice: ColorChoice;
  readonly field: Field;
  readonly range: readonly [low: number, high: number];
  readonly classes: readonly ShownClass[];
  readonly palette: Palette;
  readonly nameOf: (choice: ColorChoice, value: number) => string;
  readonly labelName: (value: number) => string;
  readonly sheet: SpriteSheet | null;
  /** Place of each dataset_idx in the map. */
  readonly order: ReadonlyMap<number, number>;
  /** Edges of the point in focus; empty without one. */
  readonly edges: readonly Edge[];
}

export const LatentContext = createContext<Latent | null>(null);

export function useLatent(): Latent {
  const latent = useContext(LatentContext);
  if (!latent) throw new Error("useLatent is for parts of the explorer.");
  return latent;
}
