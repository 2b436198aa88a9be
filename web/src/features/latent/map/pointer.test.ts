import { expect, it, vi } from "vitest";
import { Pointer } from "./pointer";

class Element_ {
  constructor(private readonly map: boolean) {}
  closest = (selector: string) => (this.map && selector === "[data-map]" ? { getBoundingClientRect: () => ({ left: 200, top: 50 }) } : null);
}

it("is on the map while it moves there, and not while it drags or is over a button", () => {
  vi.stubGlobal("Element", Element_);
  const heard = new Map<string, (event: object) => void>();
  const room = { addEventListener: (type: string, listener: (event: object) => void) => heard.set(type, listener) } as unknown as HTMLElement;
  const pointer = new Pointer();
  pointer.listen(room);
  const say = (type: string, more: object = {}, map = true) => heard.get(type)?.({ type, target: new Element_(map), clientX: 230, clientY: 90, buttons: 0, pointerType: "mouse", ...more });
  say("pointermove");
  expect(pointer.get()).toEqual({ x: 30, y: 40 });
  say("pointermove", {}, false);
  expect(pointer.get()).toBeNull();
  say("pointerdown", { buttons: 1, clientX: 240 });
  expect([pointer.get(), pointer.down]).toEqual([null, { x: 40, y: 40 }]);
  say("pointerup", { clientX: 241 });
  expect([pointer.get(), pointer.down]).toEqual([{ x: 41, y: 40 }, { x: 40, y: 40 }]);
  say("pointermove", { pointerType: "touch" });
  expect(pointer.get()).toBeNull();
  say("pointermove");
  heard.get("pointerleave")?.({});
  expect(pointer.get()).toBeNull();
  vi.unstubAllGlobals();
});
