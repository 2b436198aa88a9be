"use client";
import { useEffect, useState, type RefObject } from "react";

export interface Room {
  readonly width: number;
  readonly height: number;
}

/** How much room an element has for what it holds. */
export function useRoom(ref: RefObject<HTMLElement | null>): Room {
  const [room, setRoom] = useState<Room>({ width: 0, height: 0 });
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const look = () => {
      const { clientWidth: width, clientHeight: height } = element;
      setRoom((old) => (old.width === width && old.height === height ? old : { width, height }));
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    look();
    return () => observer.disconnect();
  }, [ref]);
  return room;
}
