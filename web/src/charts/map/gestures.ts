import { orbit, pan, screenPoint, zoom, type Camera } from "@/lib/camera";
import type { Stage } from "./stage";

const CLICK_SLACK = 4;
const WHEEL = 0.0016;

interface Listener {
  /** The pointer is over this point (its place in the frame), or over none (-1). */
  readonly onPoint: (at: number) => void;
  /** A click on a point, or beside all (-1); `also` with Shift, which adds rather than goes. */
  readonly onClick: (at: number, also: boolean) => void;
  readonly onMove: () => void;
}

/** Pointer, wheel and pinch on the map: one finger pans (2-D) or turns (3-D), two pinch. */
export function listen(host: HTMLElement, stage: Stage, { onPoint, onClick, onMove }: Listener): () => void {
  const down = new Map<number, readonly [number, number]>();
  let moved = 0;
  const at = (event: PointerEvent | WheelEvent) => {
    const { left, top } = host.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top] as const;
  };
  const drag = (event: PointerEvent, before: readonly [number, number], now: readonly [number, number]) => {
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    moved += Math.hypot(dx, dy);
    if (moved < CLICK_SLACK) return;
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    const slide = event.shiftKey || (event.buttons & 2) > 0;
    stage.move((camera, view) => {
      if (other) return pinch(camera, view, other, before, now);
      if (camera.kind === "orbit" && !slide) return orbit(camera, dx, dy);
      return pan(camera, view, dx, dy);
    });
    onMove();
  };
  const press = (event: PointerEvent) => {
    if (event.button > 2 || event.button === 1) return;
    host.setPointerCapture(event.pointerId);
    down.set(event.pointerId, at(event));
    moved = down.size > 1 ? CLICK_SLACK : 0;
  };
  const move = (event: PointerEvent) => {
    const [before, now] = [down.get(event.pointerId), at(event)];
    if (!before) {
      if (event.pointerType !== "touch") onPoint(stage.pick(...now));
      return;
    }
    drag(event, before, now);
    down.set(event.pointerId, now);
  };
  const release = (event: PointerEvent) => {
    if (!down.delete(event.pointerId)) return;
    if (event.type === "pointerup" && event.button === 0 && moved < CLICK_SLACK) onClick(stage.pick(...at(event)), event.shiftKey);
  };
  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 24 : 1;
    const pixel = screenPoint(...at(event));
    stage.move((camera, view) => zoom(camera, view, pixel, Math.exp(-event.deltaY * lines * WHEEL)));
    onMove();
  };
  const leave = () => onPoint(-1);
  const menu = (event: Event) => event.preventDefault();
  const reset = () => stage.reset();
  const stop = new AbortController();
  const { signal } = stop;
  host.addEventListener("pointerdown", press, { signal });
  host.addEventListener("pointermove", move, { signal });
  host.addEventListener("pointerup", release, { signal });
  host.addEventListener("pointercancel", release, { signal });
  host.addEventListener("pointerleave", leave, { signal });
  host.addEventListener("contextmenu", menu, { signal });
  host.addEventListener("dblclick", reset, { signal });
  host.addEventListener("wheel", wheel, { signal, passive: false });
  return () => stop.abort();
}

type Pixel = readonly [number, number];

function pinch(camera: Camera, view: { width: number; height: number }, still: Pixel, before: Pixel, now: Pixel): Camera {
  const [was, is] = [Math.hypot(before[0] - still[0], before[1] - still[1]), Math.hypot(now[0] - still[0], now[1] - still[1])];
  const closer = zoom(camera, view, screenPoint(...still), is / Math.max(was, 1));
  return camera.kind === "orbit" ? pan(closer, view, (now[0] - before[0]) / 2, (now[1] - before[1]) / 2) : closer;
}
