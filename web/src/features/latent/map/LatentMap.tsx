"use client";
import { memo, useCallback, useEffect, useMemo, useRef, useState, type RefObject } from "react";
import { BoxLayer } from "@/charts/map/layers/box";
import { EdgesLayer } from "@/charts/map/layers/edges";
import { RingLayer } from "@/charts/map/layers/ring";
import { MapCanvas } from "@/charts/map/MapCanvas";
import type { Look, MapLayer } from "@/charts/map/scene";
import type { Stage } from "@/charts/map/stage";
import type { Problem } from "@/api/problem";
import { usePlaying } from "@/features/session/RunSession";
import type { Bounds } from "@/lib/camera";
import { orderOf, sameIds, type Easing } from "@/lib/film";
import { pinAt } from "@/lib/latent/pin";
import type { Field } from "@/lib/latent/fields";
import { count } from "@/lib/format";
import { HoverWatch, type Hover } from "@/lib/hover";
import { css } from "@/lib/rgb";
import { commonBounds, type MapFrame } from "@/lib/latent/map";
import { useLatent, type Latent } from "../latent";
import { colorAt, lookOf } from "../look";
import { OVERLAYS } from "../overlays";
import { isOn, type Reading } from "../overlays/overlay";
import { LassoTool } from "../lasso/LassoTool";
import { useDecodable, useTiles } from "./decoding";
import { Corner, Low, Marks, Title } from "./furniture";
import { GroundCard } from "./GroundCard";
import { HoverCard } from "./HoverCard";
import { PinnedCard } from "./PinnedCard";
import { Pointer } from "./pointer";
import styles from "./LatentMap.module.css";

const GLIDE: { readonly duration: number; readonly easing: Easing } = { duration: 300, easing: "settle" };
/** While it plays, one glide reaches into the next: points move on and never rest. */
const FILM: { readonly duration: number; readonly easing: Easing } = { duration: 270, easing: "steady" };

/** What is around the points follows at a calm pace: only the points move at every epoch. */
const [CalmTitle, CalmLow, CalmCorner, CalmMarks] = [memo(Title), memo(Low), memo(Corner), memo(Marks)];
const [CalmLasso, CalmPinned, CalmHover, CalmGround] = [memo(LassoTool), memo(PinnedCard), memo(HoverCard), memo(GroundCard)];

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

export function LatentMap({ kind, frame, home: whole, problem }: LatentMapProps) {
  const latent = useLatent();
  const { view, change, range, palette } = latent;
  const home = useMemo(() => (view.fit === "epoch" ? (commonBounds([frame]) ?? whole) : whole), [view.fit, frame, whole]);
  const field = useMemo(() => fitting(latent.field, latent.map.data, frame), [latent.field, latent.map.data, frame]);
  const playing = usePlaying();
  const calm = calmOf(latent.map.data, frame);
  const stage = useRef<Stage | null>(null);
  const [hover, watch] = useHover();
  const [reason, setReason] = useState<string | null>(null);
  const [moved, setMoved] = useState(false);
  const hidden = useMemo(() => new Set(view.hidden), [view.hidden]);
  const chosen = useMemo(() => chosenOf(view.selected, frame.ids), [view.selected, frame.ids]);
  const on = useMemo(() => isOn(OVERLAYS, view.overlays), [view.overlays]);
  const behind = on.has("atlas") && frame.dims === 2;
  const look = useMemo(() => stepBack(lookOf(field, range, hidden, palette, chosen), behind), [field, range, hidden, palette, chosen, behind]);
  const layers = useLayers(latent, frame, home, hover, on, stage);
  const read = useReadings(latent, on);
  const [pointer] = useState(() => new Pointer());
  const room = useRef<HTMLDivElement>(null);
  useEffect(() => pointer.listen(room.current), [pointer]);
  const tileOf = useTiles();
  const decodable = useDecodable();
  const pick = (id: number | null, also: boolean) => {
    if (also && view.focus !== null && id !== null) return change({ to: id });
    const place = id === null && view.focus === null && decodable && pointer.down ? stage.current?.placeAt(pointer.down.x, pointer.down.y) : null;
    change({ focus: id, ...(place && { pin: pinAt(place[0], place[1]) }) });
  };
  const showWhole = useCallback(() => {
    stage.current?.reset();
    setMoved(false);
  }, []);
  const isShown = useCallback((at: number) => field.kind === "amount" || !hidden.has(field.values[at] as number), [field, hidden]);
  const onCamera = useCallback(() => {
    setMoved(true);
    watch.clear();
  }, [watch]);
  useEffect(() => watch.clear(), [watch, view.dims, view.method]);
  useEffect(() => {
    stage.current?.reset(); // another map has another scale
    setMoved(false); // eslint-disable-line react-hooks/set-state-in-effect
  }, [kind]);
  return (
    <div ref={room} className={styles.room}>
      <MapCanvas
        ref={stage}
        label={`Map of ${count(frame.ids.length)} points at epoch ${frame.epoch}. Click a point to put it in focus.`}
        frame={frame}
        look={look}
        layers={layers}
        home={home}
        glide={playing ? FILM : GLIDE}
        onPoint={(id) => watch.point(id)}
        onPick={pick}
        onCamera={onCamera}
        onReason={setReason}
      />
      <CalmLasso stage={stage} ids={frame.ids} isShown={isShown} />
      {frame.dims === 2 && <CalmMarks stage={stage} on={on} />}
      {frame.dims === 2 && view.pin && <CalmPinned pin={view.pin} stage={stage} />}
      {hover.card !== null && <CalmHover id={hover.card} stage={stage} tileOf={frame.dims === 2 ? tileOf : null} />}
      {hover.card === null && frame.dims === 2 && <CalmGround stage={stage} pointer={pointer} tileOf={tileOf} read={read} theMap={calm.epoch} pin={view.pin} />}
      <CalmTitle frame={calm} />
      <div className={styles.notes}>
        {reason && <p className={styles.note} role="status">{reason}</p>}
        {problem && (
          <p className={styles.note} role="alert" data-tone="warn">
            <b>{problem.what}</b> Epoch {frame.epoch} stays in sight. {problem.remedy}
          </p>
        )}
      </div>
      {frame.dims === 2 && <CalmLow on={on} />}
      <CalmCorner kind={kind} frame={calm} whole={whole} moved={moved} onWhole={showWhole} />
    </div>
  );
}

/** The map of the calm pace, where it is one of the same kind. */
function calmOf(of: MapFrame | null, frame: MapFrame): MapFrame {
  return of && of.dims === frame.dims && of.method === frame.method ? of : frame;
}

/** The colors of the calm picture, for the map that is shown now: nearly always of the same points. */
function fitting(field: Field, of: MapFrame | null, frame: MapFrame): Field {
  if (of && sameIds(of.ids, frame.ids) && field.values.length === frame.ids.length) return field;
  return frame.label ? { kind: "class", values: frame.label } : { kind: "class", values: new Int32Array(frame.ids.length).fill(-1) };
}

/** Whether a point (by its place) is selected; null while nothing is. */
function chosenOf(selected: readonly number[], ids: Int32Array): ((at: number) => boolean) | null {
  if (selected.length === 0) return null;
  const chosen = new Set(selected);
  return (at) => chosen.has(ids[at] as number);
}

function useHover(): readonly [Hover, HoverWatch] {
  const [hover, setHover] = useState<Hover>({ ring: null, card: null });
  const [watch] = useState(() => new HoverWatch(setHover));
  useEffect(() => () => watch.clear(), [watch]);
  return [hover, watch];
}

/** The layers of the map in the order of drawing: the focus with its edges, overlays, the pointer's ring. */
function useLayers(latent: Latent, frame: MapFrame, home: Bounds, hover: Hover, on: ReadonlySet<string>, stage: RefObject<Stage | null>): readonly MapLayer[] {
  const { view, edges, palette, field, range } = latent;
  const order = orderOf(frame.ids);
  const [focus] = useState(() => new EdgesLayer(NO_EDGES));
  const [ring] = useState(() => new RingLayer({ at: null, color: "", fill: "", ground: "" }));
  const [goal] = useState(() => new RingLayer({ at: null, color: "", fill: "", ground: "" }));
  // OVERLAYS is a constant table: the same hooks run at every render.
  const [box] = useState(() => new BoxLayer());
  const overlays = OVERLAYS.map((overlay) => overlay.useLayer(latent, on.has(overlay.id)));
  const from = view.focus === null ? null : (order.get(view.focus) ?? null);
  const pointed = hover.ring === null ? null : (order.get(hover.ring) ?? null);
  useEffect(() => {
    const colorOf = (at: number) => css(at < field.values.length ? colorAt(field, at, range, palette) : palette.plain);
    const [text, ground] = [css(palette.text), css(palette.ground)];
    const ends = new Map(edges.flatMap(({ id, weight }) => (order.has(id) ? [[order.get(id) as number, weight] as const] : [])));
    focus.set({ from, ends, color: palette.text, colorOf, ring: text, ground });
    ring.set({ at: pointed === from ? null : pointed, color: text, fill: pointed === null ? "" : colorOf(pointed), ground });
    const end = view.focus === null || view.to === null ? null : (order.get(view.to) ?? null);
    goal.set({ at: end, color: text, fill: end === null ? "" : colorOf(end), ground });
    box.set(home, css(palette.line));
    stage.current?.draw();
  });
  const drawn = overlays.filter((layer) => layer !== null);
  return frame.dims === 3 ? [box, focus, ...drawn, goal, ring] : [focus, ...drawn, goal, ring];
}

/** What the overlays that are on say of a place. */
function useReadings(latent: Latent, on: ReadonlySet<string>): ((x: number, y: number) => Reading | null) | null {
  const readers = OVERLAYS.map((overlay) => overlay.useReading?.(latent, on.has(overlay.id)) ?? null);
  return readers.find((reader) => reader !== null) ?? null;
}

const BEHIND = 0.4;

/** The points over pictures: faint, so that the pictures are seen. */
function stepBack(look: Look, behind: boolean): Look {
  if (!behind) return look;
  const colors = look.colors.slice();
  for (let at = 3; at < colors.length; at += 4) colors[at] = (colors[at] as number) * BEHIND;
  return { ...look, colors };
}

const NO_EDGES = { from: null, ends: new Map(), color: [0, 0, 0], colorOf: () => "", ring: "", ground: "" } as const;
