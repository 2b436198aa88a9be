"use client";
import { useCallback, useEffect, useMemo, useRef, useState, type RefObject } from "react";
import { BoxLayer } from "@/charts/map/layers/box";
import { EdgesLayer } from "@/charts/map/layers/edges";
import { RingLayer } from "@/charts/map/layers/ring";
import { MapCanvas } from "@/charts/map/MapCanvas";
import type { MapLayer } from "@/charts/map/scene";
import type { Stage } from "@/charts/map/stage";
import type { Problem } from "@/api/problem";
import { Receipt } from "@/features/session/Receipt";
import { useEpoch } from "@/features/session/RunSession";
import type { Bounds } from "@/lib/camera";
import { orderOf, sameIds, type Easing } from "@/lib/film";
import type { Field } from "@/lib/latent/fields";
import { count, percent } from "@/lib/format";
import { HoverWatch, type Hover } from "@/lib/hover";
import { css } from "@/lib/rgb";
import { Button } from "@/ui/Button";
import type { MapFrame } from "@/lib/latent/map";
import { useLatent, type Latent } from "../latent";
import { colorAt, lookOf } from "../look";
import { OVERLAYS } from "../overlays";
import { HoverCard } from "./HoverCard";
import styles from "./LatentMap.module.css";

const GLIDE: { readonly duration: number; readonly easing: Easing } = { duration: 300, easing: "settle" };
/** While it plays, one glide reaches into the next: points move on and never rest. */
const FILM: { readonly duration: number; readonly easing: Easing } = { duration: 270, easing: "steady" };

/** A map and the bounds that all maps of its kind are drawn in. */
export interface ShownMap {
  readonly kind: string;
  readonly frame: MapFrame;
  readonly home: Bounds;
}

interface LatentMapProps extends ShownMap {
  /** Why the map of this epoch could not be shown, and another one stays. */
  readonly problem: Problem | null;
}

export function LatentMap({ kind, frame, home, problem }: LatentMapProps) {
  const latent = useLatent();
  const { view, change, range, palette } = latent;
  const field = useMemo(() => fitting(latent.field, latent.map.data, frame), [latent.field, latent.map.data, frame]);
  const [{ playing }] = useEpoch();
  const stage = useRef<Stage | null>(null);
  const [hover, watch] = useHover();
  const [reason, setReason] = useState<string | null>(null);
  const [moved, setMoved] = useState(false);
  const hidden = useMemo(() => new Set(view.hidden), [view.hidden]);
  const look = useMemo(() => lookOf(field, range, hidden, palette), [field, range, hidden, palette]);
  const layers = useLayers(latent, frame, home, hover, stage);
  const onCamera = useCallback(() => {
    setMoved(true);
    watch.clear();
  }, [watch]);
  useEffect(() => watch.clear(), [watch, view.dims, view.method]);
  return (
    <div className={styles.room}>
      <MapCanvas
        ref={stage}
        label={`Map of ${count(frame.ids.length)} points at epoch ${frame.epoch}. Click a point to put it in focus.`}
        frame={frame}
        look={look}
        layers={layers}
        home={home}
        glide={playing ? FILM : GLIDE}
        onPoint={(id) => watch.point(id)}
        onPick={(id) => change({ focus: id })}
        onCamera={onCamera}
        onReason={setReason}
      />
      {hover.card !== null && <HoverCard id={hover.card} stage={stage} />}
      <p className={styles.title}>
        <b>{count(frame.ids.length)} points</b> · {wordsOf(frame)}
      </p>
      <div className={styles.notes}>
        {reason && <p className={styles.note} role="status">{reason}</p>}
        {problem && (
          <p className={styles.note} role="alert" data-tone="warn">
            <b>{problem.what}</b> Epoch {frame.epoch} stays in sight. {problem.remedy}
          </p>
        )}
      </div>
      <div className={styles.corner}>
        {moved && (
          <Button
            look="plain"
            className={styles.whole}
            title="Shows the whole map again (0)"
            onClick={() => {
              stage.current?.reset();
              setMoved(false);
            }}
          >
            Whole map
          </Button>
        )}
        <Receipt kind={kind} epoch={frame.epoch} receipt={frame.receipt} caption />
      </div>
    </div>
  );
}

/** What the axes of the map are. */
function wordsOf({ method, dims, explained }: MapFrame): string {
  if (method === "identity") return `latents as they are, ${dims}-D`;
  if (method !== "pca") return `${method.toUpperCase()} of the latents, ${dims}-D`;
  const kept = explained ? explained.reduce((sum, share) => sum + share, 0) : null;
  return `means of q(z|x), PCA in ${dims}-D${kept === null ? "" : `, ${percent(kept)} of the variance`}`;
}

/** The colors of the calm picture, for the map that is shown now: nearly always of the same points. */
function fitting(field: Field, of: MapFrame | null, frame: MapFrame): Field {
  if (of && sameIds(of.ids, frame.ids) && field.values.length === frame.ids.length) return field;
  return frame.label ? { kind: "class", values: frame.label } : { kind: "class", values: new Int32Array(frame.ids.length).fill(-1) };
}

function useHover(): readonly [Hover, HoverWatch] {
  const [hover, setHover] = useState<Hover>({ ring: null, card: null });
  const [watch] = useState(() => new HoverWatch(setHover));
  useEffect(() => () => watch.clear(), [watch]);
  return [hover, watch];
}

/** The layers of the map in the order of drawing: the focus with its edges, overlays, the pointer's ring. */
function useLayers(latent: Latent, frame: MapFrame, home: Bounds, hover: Hover, stage: RefObject<Stage | null>): readonly MapLayer[] {
  const { view, edges, palette, field, range } = latent;
  const order = orderOf(frame.ids);
  const [focus] = useState(() => new EdgesLayer(NO_EDGES));
  const [ring] = useState(() => new RingLayer({ at: null, color: "", fill: "", ground: "" }));
  // OVERLAYS is a constant table: the same hooks run at every render.
  const [box] = useState(() => new BoxLayer());
  const overlays = OVERLAYS.map((overlay) => overlay.useLayer(latent, view.overlays[overlay.id] ?? overlay.first));
  const from = view.focus === null ? null : (order.get(view.focus) ?? null);
  const pointed = hover.ring === null ? null : (order.get(hover.ring) ?? null);
  useEffect(() => {
    const colorOf = (at: number) => css(at < field.values.length ? colorAt(field, at, range, palette) : palette.plain);
    const [text, ground] = [css(palette.text), css(palette.ground)];
    const ends = new Map(edges.flatMap(({ id, weight }) => (order.has(id) ? [[order.get(id) as number, weight] as const] : [])));
    focus.set({ from, ends, color: palette.text, colorOf, ring: text, ground });
    ring.set({ at: pointed === from ? null : pointed, color: text, fill: pointed === null ? "" : colorOf(pointed), ground });
    box.set(home, css(palette.line));
    stage.current?.draw();
  });
  const drawn = overlays.filter((layer) => layer !== null);
  return frame.dims === 3 ? [box, focus, ...drawn, ring] : [focus, ...drawn, ring];
}

const NO_EDGES = { from: null, ends: new Map(), color: [0, 0, 0], colorOf: () => "", ring: "", ground: "" } as const;
