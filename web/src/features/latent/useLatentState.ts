"use client";
import { useMemo, useState, useSyncExternalStore } from "react";
import { useRun } from "@/features/session/RunSession";
import { orderOf } from "@/lib/film";
import { awaited, choicesOf, countsOf, fieldOf, rangeOf, type ColorChoice, type Field } from "@/lib/latent/fields";
import { edgesOf } from "@/lib/latent/neighbors";
import { isOver } from "@/lib/runState";
import { useFrame } from "./data/useFrame";
import { useLabelNames } from "./data/useLabelNames";
import { usePalette } from "./data/usePalette";
import { useSprites } from "./data/useSprites";
import { usePacedEpoch } from "@/features/session/usePacedEpoch";
import type { Latent } from "./latent";
import { ViewStore } from "./view";

/** What is not the map itself follows the scrubber at this pace, so that the map has the time it needs. */
const PACE_MS = 220;
const NO_FIELD: Field = { kind: "class", values: new Int32Array(0) };
const PLAIN: ColorChoice = { id: "none", label: "One color", kind: "class", source: "map", unit: "" };
const NO_ORDER: ReadonlyMap<number, number> = new Map();
const UNIT: readonly [number, number] = [0, 1];

/**
 * Everything around the map, put together out of the run's artifacts and the view. It follows the
 * scrubber at a calm pace and is the same object between, so that only the map works at every epoch.
 */
export function useLatentState(): Latent {
  const [store] = useState(() => new ViewStore());
  const view = useSyncExternalStore(store.subscribe, store.get);
  const paced = usePacedEpoch(PACE_MS);
  const mapKind = `latent_${view.dims}d_${view.method}` as const;
  const has = {
    neighbors: useRun((run) => run.artifacts[`knn_${view.method}`] !== undefined),
    churn: useRun((run) => (run.artifacts.neighbor_churn?.length ?? 0) > 0),
  };
  const map = useFrame(mapKind, paced);
  const anatomy = useFrame("anatomy", paced);
  const neighbors = useFrame(`knn_${view.method}`, paced, view.focus !== null || view.color === "dk");
  const churn = useFrame("neighbor_churn", paced, view.color === "churn");

  const sources = useMemo(
    () => ({ map: map.data, anatomy: anatomy.data, neighbors: neighbors.data, churn: churn.data }),
    [map.data, anatomy.data, neighbors.data, churn.data],
  );
  const over = useRun((run) => isOver(run.status));
  const waiting = anatomy.data === null && (anatomy.state === "loading" || (anatomy.state === "none" && !over));
  const offered = useMemo(() => choicesOf(sources, has), [sources, has.neighbors, has.churn]); // eslint-disable-line react-hooks/exhaustive-deps
  const choices = useMemo(() => {
    const late = waiting && !offered.some(({ id }) => id === view.color) ? awaited(view.color) : null;
    return late ? [...offered, late] : offered;
  }, [offered, waiting, view.color]);
  const choice = choices.find(({ id }) => id === view.color) ?? choices[0] ?? PLAIN;
  const found = useMemo(() => fieldOf(choice, sources), [choice, sources]);
  const field = useMemo(() => fitting(found, map.data?.ids.length ?? 0), [found, map.data]);
  const range = useMemo(() => (field.kind === "amount" ? rangeOf(field.values) : UNIT), [field]);
  const counts = useMemo(() => (field.kind === "class" ? countsOf(field.values) : []), [field]);
  const most = counts.at(-1)?.[0] ?? 0;
  const palette = usePalette(most + 1);
  const labelName = useLabelNames();
  const sheet = useSprites();
  const classes = useMemo(
    () => counts.map(([value, count]) => ({ value, count, name: nameOf(choice, value, labelName) })),
    [counts, choice, labelName],
  );
  const edges = useMemo(() => {
    if (view.focus === null || !neighbors.data) return [];
    const gate = view.edges === "extent" ? neighbors.data.maps[`${view.dims}d`] : null;
    return edgesOf(neighbors.data, view.focus, view.k, gate);
  }, [view.focus, view.k, view.edges, view.dims, neighbors.data]);
  const order = map.data ? orderOf(map.data.ids) : NO_ORDER;
  const change = store.change;
  return useMemo(
    () => ({
      view, change, epoch: paced, mapKind, map, anatomy, neighbors, churn, choices, choice, field, range, classes, palette, sheet,
      order, edges, labelName,
      nameOf: (of: ColorChoice, value: number) => nameOf(of, value, labelName),
    }),
    [view, change, paced, mapKind, map, anatomy, neighbors, churn, choices, choice, field, range, classes, palette, sheet, order, edges, labelName],
  );
}

function nameOf(choice: ColorChoice, value: number, labelName: (value: number) => string): string {
  return choice.id === "component" ? `c${value}` : labelName(value);
}

/** A field that is on its way, or of another set of points, leaves the points in one color. */
function fitting(field: Field | null, count: number): Field {
  if (field && field.values.length === count) return field;
  return count === 0 ? NO_FIELD : { kind: "class", values: new Int32Array(count).fill(-1) };
}
