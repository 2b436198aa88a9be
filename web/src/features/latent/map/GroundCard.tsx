"use client";
import { useEffect, useRef, type RefObject } from "react";
import type { Stage } from "@/charts/map/stage";
import { placeOf, type Pin } from "@/lib/latent/pin";
import type { Reading } from "../overlays/overlay";
import type { Tile } from "./decoding";
import type { Pointer } from "./pointer";
import styles from "./HoverCard.module.css";
import verdicts from "./Verdict.module.css";

interface GroundCardProps {
  readonly stage: RefObject<Stage | null>;
  readonly pointer: Pointer;
  readonly tileOf: ((x: number, y: number) => Tile | null) | null;
  readonly read: ((x: number, y: number) => Reading | null) | null;
  /** Epoch of the map that is shown. */
  readonly theMap: number;
  /** A place that is decoded exactly: what is known of it is not said twice. */
  readonly pin: Pin | null;
}

const [AWAY, EDGE, NEAR] = [18, 12, 14];

/** What the decoder makes of the place under the pointer. It follows the pointer without a render. */
export function GroundCard({ stage, pointer, tileOf, read, theMap, pin }: GroundCardProps) {
  const card = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLSpanElement>(null);
  const picture = useRef<HTMLSpanElement>(null);
  const words = useRef<HTMLParagraphElement>(null);
  const reading = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    const follow = () => {
      const [element, at, held] = [card.current, pointer.get(), stage.current];
      if (!element || !held) return;
      const place = at && held.placeAt(at.x, at.y);
      const tile = place && (tileOf?.(place[0], place[1]) ?? null);
      const said = place && (read?.(place[0], place[1]) ?? null);
      const pinned = pin && held.pixelOf(...placeOf(pin));
      const known = at && pinned && Math.hypot(at.x - pinned[0], at.y - pinned[1]) < NEAR;
      element.hidden = !at || (!tile && !said) || known === true;
      if (!at || element.hidden) return;
      if (frame.current) frame.current.hidden = !tile;
      if (words.current) words.current.hidden = !tile;
      if (tile) show(tile, theMap, frame.current, picture.current, words.current);
      if (reading.current) {
        reading.current.hidden = !said;
        reading.current.replaceChildren(...(said ? line(said) : []));
      }
      put(element, at, held.size);
    };
    follow();
    return pointer.subscribe(follow);
  }, [stage, pointer, tileOf, read, theMap, pin]);
  return (
    <div className={styles.over} aria-hidden="true">
      <div ref={card} className={styles.card} data-ground="" hidden>
        <span ref={frame} className={verdicts.frame}>
          <span ref={picture} className={styles.tile} />
        </span>
        <p ref={words} className={verdicts.words} />
        <p ref={reading} className={styles.words} />
      </div>
    </div>
  );
}

function show({ image, size, position, verdict, epoch }: Tile, theMap: number, frame: HTMLElement | null, picture: HTMLElement | null, words: HTMLElement | null): void {
  if (frame) {
    frame.className = `${verdicts.frame} ${verdicts[verdict.level] ?? ""}`;
    frame.dataset.trust = verdict.level;
  }
  if (picture) {
    if (picture.style.backgroundImage !== image) picture.style.backgroundImage = image;
    picture.style.backgroundSize = size;
    picture.style.backgroundPosition = position;
  }
  if (!words) return;
  words.className = `${verdicts.words} ${verdicts[verdict.level] ?? ""}`;
  const head = document.createElement("b");
  head.textContent = verdict.words;
  const rest = [verdict.because, epoch === theMap ? null : `at epoch ${epoch}`].filter((part) => part !== null);
  words.replaceChildren(head, ...rest.map((part) => Object.assign(document.createElement("span"), { textContent: part })));
}

function line([what, value]: Reading): readonly Node[] {
  const [name, number] = [document.createElement("span"), document.createElement("b")];
  [name.textContent, number.textContent] = [what, value];
  return [name, number];
}

/** Above and beside the pointer, on the side where there is room. */
function put(card: HTMLElement, at: { readonly x: number; readonly y: number }, { width, height }: { readonly width: number; readonly height: number }): void {
  const [wide, tall] = [card.offsetWidth, card.offsetHeight];
  const x = at.x + AWAY + wide + EDGE < width ? at.x + AWAY : at.x - AWAY - wide;
  const y = Math.max(EDGE, Math.min(height - tall - EDGE, at.y - AWAY - tall));
  card.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
}
