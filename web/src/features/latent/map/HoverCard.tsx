"use client";
import { useLayoutEffect, useRef, type RefObject } from "react";
import type { Stage } from "@/charts/map/stage";
import { compact } from "@/lib/format";
import { useLatent } from "../latent";
import { Recorded } from "../Recorded";
import { Thumb } from "../Thumb";
import thumbs from "../Thumb.module.css";
import type { Tile } from "./decoding";
import styles from "./HoverCard.module.css";
import { frameClass, VerdictWords } from "./Verdict";

interface HoverCardProps {
  readonly id: number;
  readonly stage: RefObject<Stage | null>;
  readonly tileOf: ((x: number, y: number) => Tile | null) | null;
}

const OUTPUT = ["output"] as const;
const [DX, DY, EDGE] = [56, -64, 12];

/** What the point under the pointer is; tied to it by a line, it follows it without a render. */
export function HoverCard({ id, stage, tileOf }: HoverCardProps) {
  const { order, sheet, map, field, choice, labelName } = useLatent();
  const card = useRef<HTMLDivElement>(null);
  const line = useRef<SVGLineElement>(null);
  const at = order.get(id);
  useLayoutEffect(() => {
    const held = stage.current;
    if (!held || at === undefined) return;
    const place = () => put(held, held.pixel(at), card.current, line.current);
    place();
    return held.onPicture(place);
  }, [stage, at]);
  if (at === undefined) return null;
  const label = map.data?.label?.[at];
  const value = field.values[at];
  const coords = map.data?.coords;
  const tile = coords ? (tileOf?.(coords[at * 3] as number, coords[at * 3 + 1] as number) ?? null) : null;
  return (
    <div className={styles.over} data-card={id}>
      <svg className={styles.tie} aria-hidden="true">
        <line ref={line} />
      </svg>
      <div ref={card} className={styles.card} role="tooltip">
        <div className={styles.pictures}>
          <figure className={thumbs.figure}>
            <Thumb sheet={sheet} id={id} size={84} alt={`Example ${id}`} />
            <figcaption>Input</figcaption>
          </figure>
          <Recorded id={id} rows={OUTPUT} size={84} />
          {tile && (
            <figure className={thumbs.figure}>
              <span className={frameClass(tile.verdict.level)} data-trust={tile.verdict.level}>
                <span className={styles.tile} style={{ backgroundImage: tile.image, backgroundSize: tile.size, backgroundPosition: tile.position }} role="img" aria-label="This place of the map, decoded" />
              </span>
              <figcaption>Place, decoded</figcaption>
            </figure>
          )}
        </div>
        {tile && <VerdictWords verdict={{ ...tile.verdict, words: tile.verdict.words }} />}
        <p className={styles.words}>
          <b>{label === undefined || label < 0 ? "Point" : `Label ${labelName(label)}`}</b>
          <span>#{id}</span>
        </p>
        {field.kind === "amount" && (
          <p className={styles.words}>
            <span>{choice.label}</span>
            <b>{compact(value, 3)}</b>
          </p>
        )}
        {field.kind === "class" && choice.id !== "label" && value !== undefined && value >= 0 && (
          <p className={styles.words}>
            <span>{choice.label}</span>
            <b>{choice.id === "component" ? value : labelName(value)}</b>
          </p>
        )}
      </div>
    </div>
  );
}

/** Beside the point, on the side where there is room. */
export function put(stage: Stage, pixel: readonly [number, number] | null, card: HTMLElement | null, line: SVGLineElement | null): void {
  if (!card || !line) return;
  card.style.visibility = line.style.visibility = pixel ? "visible" : "hidden";
  if (!pixel) return;
  const { width, height } = stage.size;
  const [wide, tall] = [card.offsetWidth, card.offsetHeight];
  const right = pixel[0] + DX + wide + EDGE < width;
  const x = right ? pixel[0] + DX : pixel[0] - DX - wide;
  const y = Math.max(EDGE, Math.min(height - tall - EDGE, pixel[1] + DY - tall / 2));
  card.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  const end = [right ? x : x + wide, Math.max(y + 10, Math.min(y + tall - 10, pixel[1] + DY / 2))] as const;
  const far = Math.hypot(end[0] - pixel[0], end[1] - pixel[1]) || 1;
  line.setAttribute("x1", String(pixel[0] + ((end[0] - pixel[0]) / far) * 9));
  line.setAttribute("y1", String(pixel[1] + ((end[1] - pixel[1]) / far) * 9));
  line.setAttribute("x2", String(end[0]));
  line.setAttribute("y2", String(end[1]));
}
