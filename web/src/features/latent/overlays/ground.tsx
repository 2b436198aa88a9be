"use client";
import { useEffect, useMemo, useState } from "react";
import { bakedField } from "@/charts/map/bake";
import { FieldLayer, type Field } from "@/charts/map/layers/field";
import { useRun } from "@/features/session/RunSession";
import { valueAt } from "@/lib/latent/grid";
import type { PlaneKind, PlaneTypes } from "@/lib/latent/parsers";
import type { Scale } from "@/lib/latent/scales";
import { shadedOf } from "@/lib/latent/shaded";
import type { Theme } from "@/lib/ramp";
import { css } from "@/lib/rgb";
import { useFrame, type LoadedFrame } from "../data/useFrame";
import { useLatent, type Latent } from "../latent";
import styles from "./GroundLegend.module.css";
import { GroundLegend, type Meaning } from "./GroundLegend";
import { labelOf, type OverlaySpec } from "./overlay";

export type GroundKind = Exclude<PlaneKind, "atlas">;

/** What is drawn out of a grid, and what its colors mean. */
export interface Ground<K extends GroundKind> {
  /** Kind of artifact, without the method of the map. */
  readonly kind: K;
  readonly scaleOf: (grid: PlaneTypes[K], theme: Theme) => Scale;
  /** Values at which a line is drawn over it. */
  readonly levelsOf?: (grid: PlaneTypes[K]) => readonly number[];
  readonly meaningOf: (grid: PlaneTypes[K]) => Meaning;
  /** What it says of the value at a place. */
  readonly read: (value: number, grid: PlaneTypes[K]) => string;
}

/** What is made over the map that is shown, of the epoch at hand; nothing while it is not wanted. */
export function useGrid<K extends PlaneKind>(kind: K, { view, epoch }: Pick<Latent, "view" | "epoch">, wanted: boolean): LoadedFrame<PlaneTypes[K]> {
  const loaded = useFrame(`${kind}_${view.method}` as const, epoch, wanted && view.dims === 2) as unknown as LoadedFrame<PlaneTypes[K]>;
  // A file that is missing or damaged takes its place; without a server, what was seen stays.
  const gone = loaded.state === "failed" && loaded.problem !== null && !loaded.problem.isOffline;
  return useMemo(() => (gone ? { ...loaded, data: null } : loaded), [loaded, gone]);
}

type Made<K extends GroundKind> = Pick<OverlaySpec, "id" | "label" | "without"> & { readonly ground: Ground<K>; readonly Marks?: OverlaySpec["Marks"]; readonly noteOf?: (grid: PlaneTypes[K]) => string };

/** An overlay that fills the ground of the 2-D map with a grid. */
export function groundOverlay<K extends GroundKind>({ id, label, without, ground, Marks, noteOf }: Made<K>): OverlaySpec {
  return {
    id,
    label,
    without,
    needs: { dims: 2, artifact: (method) => `${ground.kind}_${method}` },
    first: false,
    fills: true,
    useLayer: (latent, on) => useGroundLayer(ground, latent, on),
    useReading: (latent, on) => useGroundReading({ label, without }, ground, latent, on),
    Legend: () => <Legend ground={ground} label={label} without={without} noteOf={noteOf} />,
    Marks,
  };
}

function useGroundLayer<K extends GroundKind>(ground: Ground<K>, latent: Latent, on: boolean): FieldLayer | null {
  const { data } = useGrid(ground.kind, latent, on);
  const [layer] = useState(() => new FieldLayer());
  const { theme, text } = latent.palette;
  const field = useMemo<Field | null>(
    () => data && bakedField(shadedOf(data, ground.scaleOf(data, theme), ground.levelsOf?.(data)), css(text, theme === "dark" ? 0.3 : 0.42)),
    [ground, data, theme, text],
  );
  useEffect(() => layer.set(field), [layer, field]);
  return on && field ? layer : null;
}

function useGroundReading<K extends GroundKind>(name: Pick<OverlaySpec, "label" | "without">, ground: Ground<K>, latent: Latent, on: boolean): ReturnType<NonNullable<OverlaySpec["useReading"]>> {
  const { data } = useGrid(ground.kind, latent, on);
  const label = useLabel(name);
  return useMemo(() => {
    if (!on || !data) return null;
    return (x, y) => {
      const value = valueAt(data, x, y);
      return value === null ? null : [label, ground.read(value, data)];
    };
  }, [on, data, label, ground]);
}

/** What the overlay is called for this run. */
function useLabel(name: Pick<OverlaySpec, "label" | "without">): string {
  return useRun((run) => labelOf(name, run.capabilities));
}

function Legend<K extends GroundKind>({ ground, label, without, noteOf }: Pick<Made<K>, "ground" | "label" | "without" | "noteOf">) {
  const what = useLabel({ label, without });
  const latent = useLatent();
  const grid = useGrid(ground.kind, latent, true);
  const scale = useMemo(() => (grid.data ? ground.scaleOf(grid.data, latent.palette.theme) : null), [grid.data, ground, latent.palette.theme]);
  return (
    <GroundLegend what={what} kind={ground.kind} loaded={grid} scale={scale} meaning={grid.data && ground.meaningOf(grid.data)}>
      {grid.data && noteOf && <p className={styles.hint}>{noteOf(grid.data)}</p>}
    </GroundLegend>
  );
}
