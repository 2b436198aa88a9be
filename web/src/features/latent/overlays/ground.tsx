"use client";
import { useEffect, useMemo, useState } from "react";
import { FieldLayer, type Field } from "@/charts/map/layers/field";
import { useArtifact, type Loaded } from "@/features/session/useArtifact";
import { useRun } from "@/features/session/RunSession";
import { valueAt, type Grid } from "@/lib/latent/grid";
import { rasterOf, type Raster } from "@/lib/latent/raster";
import type { Scale } from "@/lib/latent/scales";
import type { Theme } from "@/lib/ramp";
import { css } from "@/lib/rgb";
import { useLatent, type Latent } from "../latent";
import styles from "./GroundLegend.module.css";
import { GroundLegend, type Meaning } from "./GroundLegend";
import { labelOf, type OverlaySpec } from "./overlay";

/** What is drawn out of a grid, and what its colors mean. */
export interface Ground<T extends Grid> {
  /** Kind of artifact, without the method of the map. */
  readonly kind: string;
  /** Checks the file; the same function always. */
  readonly parse: (value: unknown) => T;
  readonly scaleOf: (grid: T, theme: Theme) => Scale;
  /** Lines of equal value over it. */
  readonly linesOf?: (grid: T) => readonly Float32Array[];
  readonly meaningOf: (grid: T) => Meaning;
  /** What it says of the value at a place. */
  readonly read: (value: number, grid: T) => string;
}

const NOWHERE = -1;
/** Pixels of a picture along its side, about: enough to be smooth, few enough to be made while one scrubs. */
const PIXELS = 256;

/** A grid of the epoch at hand, over the map that is shown; of none while it is not wanted. */
export function useGrid<T extends { readonly method: string }>(
  kind: string,
  { view, epoch }: Pick<Latent, "view" | "epoch">,
  wanted: boolean,
  parse: (value: unknown) => T,
): Loaded<T> {
  const loaded = useArtifact(`${kind}_${view.method}`, wanted && view.dims === 2 ? epoch : NOWHERE, parse);
  const fits = loaded.data === null || (loaded.data.method === "umap") === (view.method === "umap");
  return useMemo(() => (fits ? loaded : { ...loaded, data: null, state: "loading" }), [loaded.data, loaded.state, loaded.problem, fits]); // eslint-disable-line react-hooks/exhaustive-deps
}

type Made<T extends Grid> = Pick<OverlaySpec, "id" | "label" | "without"> & { readonly ground: Ground<T>; readonly Marks?: OverlaySpec["Marks"]; readonly noteOf?: (grid: T) => string };

/** An overlay that fills the ground of the 2-D map with a grid. */
export function groundOverlay<T extends Grid>({ id, label, without, ground, Marks, noteOf }: Made<T>): OverlaySpec {
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

function useGroundLayer<T extends Grid>(ground: Ground<T>, latent: Latent, on: boolean): FieldLayer | null {
  const { data } = useGrid(ground.kind, latent, on, ground.parse);
  const [layer] = useState(() => new FieldLayer());
  const { theme, text } = latent.palette;
  const field = useMemo<Field | null>(() => {
    if (!data) return null;
    const lines = linesOf(ground, data);
    const image = canvasOf(rasterOf(data, ground.scaleOf(data, theme), Math.max(1, Math.round(PIXELS / data.width))));
    return { image, bounds: data.bounds, opacity: 1, lines, ink: css(text, theme === "dark" ? 0.3 : 0.42) };
  }, [ground, data, theme, text]);
  useEffect(() => layer.set(field), [layer, field]);
  return on && field ? layer : null;
}

const drawnLines = new WeakMap<Grid, readonly Float32Array[]>();

function linesOf<T extends Grid>(ground: Ground<T>, grid: T): readonly Float32Array[] {
  const lines = drawnLines.get(grid) ?? ground.linesOf?.(grid) ?? [];
  drawnLines.set(grid, lines);
  return lines;
}

function canvasOf({ width, height, pixels }: Raster): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
  return canvas;
}

function useGroundReading<T extends Grid>(name: Pick<OverlaySpec, "label" | "without">, ground: Ground<T>, latent: Latent, on: boolean): ReturnType<NonNullable<OverlaySpec["useReading"]>> {
  const { data } = useGrid(ground.kind, latent, on, ground.parse);
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

function Legend<T extends Grid>({ ground, label, without, noteOf }: Pick<Made<T>, "ground" | "label" | "without" | "noteOf">) {
  const what = useLabel({ label, without });
  const latent = useLatent();
  const grid = useGrid(ground.kind, latent, true, ground.parse);
  const scale = useMemo(() => (grid.data ? ground.scaleOf(grid.data, latent.palette.theme) : null), [grid.data, ground, latent.palette.theme]);
  return (
    <GroundLegend what={what} kind={ground.kind} loaded={grid} scale={scale} meaning={grid.data && ground.meaningOf(grid.data)}>
      {grid.data && noteOf && <p className={styles.hint}>{noteOf(grid.data)}</p>}
    </GroundLegend>
  );
}
