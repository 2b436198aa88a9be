import Link from "next/link";
import { memo } from "react";
import styles from "./Wall.module.css";

interface TileProps {
  readonly index: number;
  readonly href: string;
  readonly name: string;
  /** The name as it fits under the tile; empty where its place says it. */
  readonly code: string;
  readonly left: number;
  readonly top: number;
  readonly size: number;
  /** What it says over its map, and in which color; empty for nothing. */
  readonly note: string;
  readonly tone: string;
  /** How it stands, in a sentence. */
  readonly words: string;
  /** Share of its steps that are done while it trains; negative else. */
  readonly progress: number;
  readonly pareto: boolean;
  readonly framed: boolean;
  readonly reachable: boolean;
  readonly drawn: boolean;
  readonly onFocus: (index: number) => void;
}

/** One variant on the wall: a frame that the map is drawn into, its name, its number. A link to its run. */
export const Tile = memo(function Tile(props: TileProps) {
  const { index, href, name, code, left, top, size, note, tone, words, progress, pareto, framed, reachable, drawn } = props;
  return (
    <Link
      href={href}
      prefetch={false}
      className={styles.tile}
      style={{ left, top, width: size }}
      data-tile={index}
      data-drawn={drawn || undefined}
      data-framed={framed || undefined}
      tabIndex={reachable ? 0 : -1}
      draggable={false}
      title={`${name}\n${words}`}
      onFocus={() => props.onFocus(index)}
    >
      <span className={styles.square} style={{ height: size }}>
        {note && !drawn && <span className={styles.note} data-tone={tone}>{note}</span>}
        {progress >= 0 && <span className={styles.progress} style={{ transform: `scaleX(${progress})` }} aria-hidden="true" />}
      </span>
      <span className={styles.words}>
        <span className="visually-hidden">{name}{pareto && ", on the Pareto front"}. {words}. </span>
        <span className={styles.name} aria-hidden="true">{code}{pareto && <i className={styles.pareto}>◆</i>}</span>
        {note && drawn && <span className={styles.mark} data-tone={tone} aria-hidden="true">{note}</span>}
        <span className={styles.cut} aria-hidden="true">cut</span>
        <span className={styles.number} data-number={index} />
      </span>
    </Link>
  );
});
