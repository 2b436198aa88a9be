"use client";
import { useEffect, useRef, type RefObject } from "react";
import type { Stage } from "@/charts/map/stage";
import { Receipt } from "@/features/session/Receipt";
import { compact } from "@/lib/format";
import { placeOf, type DecodedPoint, type Pin } from "@/lib/latent/pin";
import { verdict, verdictAt } from "@/lib/latent/trustWords";
import { IconButton } from "@/ui/Button";
import { CloseIcon } from "@/ui/icons";
import { Skeleton } from "@/ui/Skeleton";
import { useLatent } from "../latent";
import { useTrust } from "../overlays/atlas/useAtlas";
import { Thumb } from "../Thumb";
import thumbs from "../Thumb.module.css";
import { useExact } from "./decoding";
import { put } from "./HoverCard";
import styles from "./HoverCard.module.css";
import { frameClass, VerdictWords } from "./Verdict";

const SIZE = 112;

/** A place of the map that somebody clicked: decoded exactly, with its numbers, until it is closed. */
export function PinnedCard({ pin, stage }: { readonly pin: Pin; readonly stage: RefObject<Stage | null> }) {
  const { change, map, sheet } = useLatent();
  const { sheet: made, epoch, current, problem } = useExact(pin);
  const trust = useTrust(true);
  const card = useRef<HTMLDivElement>(null);
  const line = useRef<SVGLineElement>(null);
  const mark = useRef<SVGCircleElement>(null);
  const [x, y] = placeOf(pin);
  const full = made?.data.x === x && made.data.y === y ? made : null;
  useEffect(() => {
    const held = stage.current;
    if (!held) return;
    const place = () => {
      const pixel = held.pixelOf(x, y);
      put(held, pixel, card.current, line.current);
      if (!pixel || !mark.current) return;
      mark.current.setAttribute("cx", String(pixel[0]));
      mark.current.setAttribute("cy", String(pixel[1]));
    };
    place();
    const leave = held.onPicture(place);
    const resize = new ResizeObserver(place); // the card grows when the answer is here
    if (card.current) resize.observe(card.current);
    return () => {
      leave();
      resize.disconnect();
    };
  }, [stage, x, y]);
  const said = full ? (trust && full.data.trust !== null ? { ...verdictAt(trust, x, y), ...levelOnly(full.data.trust) } : verdict(full.data.trust)) : null;
  return (
    <div className={styles.over} data-pinned="">
      <svg className={styles.tie} aria-hidden="true">
        <line ref={line} />
        <circle ref={mark} r="4.5" className={styles.spot} />
      </svg>
      <div ref={card} className={styles.pinned} style={{ visibility: "hidden" }} role="group" aria-label={`Decoded place ${compact(x, 3)}, ${compact(y, 3)}`} data-current={current || undefined}>
        <header className={styles.pinHead}>
          <b>Decoded here</b>
          <IconButton label="Close (Esc)" onClick={() => change({ pin: null })}>
            <CloseIcon />
          </IconButton>
        </header>
        {!full && !problem && epoch !== null && <Skeleton width={SIZE} height={SIZE} label="Decoding" />}
        {epoch === null && <p className={styles.told}>No checkpoint up to this epoch: there is nothing to decode with.</p>}
        {problem && (
          <p className={styles.told} role="alert">
            <b>{problem.what}</b> {problem.remedy}
          </p>
        )}
        {full && said && (
          <>
            <div className={styles.pinBody}>
              {full.image && (
                <span className={frameClass(said.level)} data-trust={said.level}>
                  <span className={thumbs.thumb} style={{ width: SIZE, height: SIZE, backgroundImage: `url("${full.image}")`, backgroundSize: "100% 100%" }} role="img" aria-label="The place, decoded" />
                </span>
              )}
              <Numbers point={full.data} />
            </div>
            <VerdictWords verdict={said} />
            <p className={styles.words}>
              <span>Nearest point</span>
              <button type="button" className={styles.near} onClick={() => change({ focus: full.data.nearest.id })} title="Put it in focus">
                <Thumb sheet={sheet} id={full.data.nearest.id} size={20} />#{full.data.nearest.id}
              </button>
            </p>
            {!full.image && full.data.decoded && <p className={styles.vector}>{listed(full.data.decoded)}</p>}
            <p className={styles.vector} title={full.data.z.map((value) => compact(value, 4)).join(", ")}>
              z {listed(full.data.z)}
            </p>
            <p className={styles.words}>
              <span>{epoch === map.epoch ? `Epoch ${epoch}` : `By the model of epoch ${epoch}`}</span>
              <Receipt kind="decode_point" epoch={epoch} receipt={full.data.receipt} keys={full.keys} />
            </p>
          </>
        )}
      </div>
    </div>
  );
}

function levelOnly(trust: number) {
  const { level, words, because } = verdict(trust);
  return because === null && level === "high" ? { level, words, because } : { level, words };
}

const FIRST = 6;

function listed(values: readonly number[]): string {
  const shown = values.slice(0, FIRST).map((value) => compact(value, 3)).join("  ");
  return values.length > FIRST ? `${shown}  … ${values.length}` : shown;
}

function Numbers({ point }: { readonly point: DecodedPoint }) {
  const lines: readonly (readonly [string, string, string])[] = [
    ["Place", `${compact(point.x, 3)}, ${compact(point.y, 3)}`, "In the units of the map"],
    ["To nearest", compact(point.nearest.distance, 3), "Latent distance from the code to the nearest point"],
    ["Cycle error", compact(point.cycleError, 3), "How far the code comes back when it is decoded and encoded again, as a share of the latents’ radius"],
    ["Density", compact(point.density, 3), "Of the encoded data, probability per unit²"],
    ["Distortion", compact(point.distortion, 3), "Distance on the map over latent distance"],
    ["Trust", compact(point.trust, 2), "0 to 1, of density, cycle error and distortion"],
  ];
  return (
    <dl className={styles.numbers}>
      {lines.map(([name, value, hint]) => (
        <div key={name} title={hint}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
