"use client";
import { useEffect, useEffectEvent, useRef, type Ref } from "react";
import { screenPoint, zoom, type Bounds } from "@/lib/camera";
import type { Easing, Frame } from "@/lib/film";
import { listen } from "./gestures";
import styles from "./MapCanvas.module.css";
import type { Look, MapLayer } from "./scene";
import { Stage } from "./stage";

interface MapCanvasProps {
  readonly label: string;
  readonly frame: Frame;
  readonly look: Look;
  readonly layers: readonly MapLayer[];
  /** What to show until the camera is moved. */
  readonly home: Bounds;
  /** How long points take to the next map, in milliseconds, and in which manner. */
  readonly glide: { readonly duration: number; readonly easing: Easing };
  readonly ref?: Ref<Stage>;
  /** dataset_idx of the point under the pointer. */
  readonly onPoint: (id: number | null) => void;
  /** A click; `also` with Shift. */
  readonly onPick: (id: number | null, also: boolean) => void;
  readonly onCamera: () => void;
  /** Why the map is drawn without the graphics card; null when it is drawn with it. */
  readonly onReason: (reason: string | null) => void;
}

const KEYS: Readonly<Record<string, number>> = { "+": 1.25, "=": 1.25, "-": 0.8 };

/** The map of one epoch, in pixels. Nothing is fetched here. */
export function MapCanvas({ label, frame, look, layers, home, glide, ref, onPoint, onPick, onCamera, onReason }: MapCanvasProps) {
  const host = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage | null>(null);
  const idOf = (at: number) => (at < 0 ? null : (frame.ids[at] ?? null));
  const pointed = useEffectEvent((at: number) => {
    if (host.current) host.current.toggleAttribute("data-over", at >= 0);
    onPoint(idOf(at));
  });
  const clicked = useEffectEvent((at: number, also: boolean) => onPick(idOf(at), also));
  const moved = useEffectEvent(() => onCamera());
  const told = useEffectEvent((reason: string | null) => onReason(reason));

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const made = new Stage(element, (reason) => told(reason));
    stage.current = made;
    const give = typeof ref === "function" ? ref(made) : undefined;
    if (ref && typeof ref === "object") ref.current = made;
    const watch = new ResizeObserver(() => made.resize({ width: element.clientWidth, height: element.clientHeight }));
    watch.observe(element);
    made.resize({ width: element.clientWidth, height: element.clientHeight });
    const stop = listen(element, made, { onPoint: (at) => pointed(at), onClick: (at, also) => clicked(at, also), onMove: () => moved() });
    return () => {
      stop();
      watch.disconnect();
      made.dispose();
      stage.current = null;
      if (typeof give === "function") give();
      else if (typeof ref === "function") ref(null);
      if (ref && typeof ref === "object") ref.current = null;
    };
  }, [ref]);
  useEffect(() => stage.current?.setLook(look), [look]);
  useEffect(() => stage.current?.setLayers(layers), [layers]);
  useEffect(() => stage.current?.setHome(home, frame.dims), [home, frame.dims]);
  useEffect(() => stage.current?.show(frame, glide.duration, glide.easing), [frame, glide]);

  const onKeyDown = (event: React.KeyboardEvent) => {
    const factor = KEYS[event.key];
    if (factor) {
      stage.current?.move((camera, view) => zoom(camera, view, screenPoint(view.width / 2, view.height / 2), factor));
      onCamera();
    } else if (event.key === "0") stage.current?.reset();
    else return;
    event.preventDefault();
  };
  return <div ref={host} className={styles.map} role="application" aria-roledescription="map" aria-label={label} tabIndex={0} onKeyDown={onKeyDown} data-map="" />;
}
