"use client";
import { useSprites } from "@/features/latent/data/useSprites";
import { Thumb } from "@/features/latent/Thumb";
import type { ExamplePair, Sharing } from "@/lib/sharing";
import styles from "./sharing.module.css";

const SIZE = 40;

/** A few pairs side by side, what differs between them, and which dimensions they share. */
export function Examples({ sharing: { examples } }: { readonly sharing: Sharing }) {
  return (
    <div className={styles.part} data-part="examples">
      <h3>
        Pair by pair
        <span className={styles.key} data-shared>shared</span>
        <span className={styles.key}>kept apart</span>
      </h3>
      <ol className={styles.pairs}>
        {examples.map((pair) => (
          <Pair key={`${pair.first} ${pair.second}`} pair={pair} />
        ))}
      </ol>
    </div>
  );
}

function Pair({ pair: { first, second, changed, shared } }: { readonly pair: ExamplePair }) {
  const sheet = useSprites("pair_sprites");
  const own = shared.flatMap((same, d) => (same ? [] : [`z${d + 1}`]));
  const words = own.length === 0 ? "shares all dimensions" : `keeps ${own.join(", ")} apart`;
  return (
    <li className={styles.pair} title={`#${first} and #${second}: ${words}`}>
      {sheet && (
        <span className={styles.thumbs}>
          <Thumb sheet={sheet} id={first} size={SIZE} alt={`Point ${first}`} />
          <Thumb sheet={sheet} id={second} size={SIZE} alt={`Its partner ${second}`} />
        </span>
      )}
      <span className={styles.about}>
        <span className={styles.changed}>{changed.join(", ") || "nothing"}</span>
        <span className={styles.dims} role="img" aria-label={words}>
          {shared.map((same, d) => (
            <span key={d} data-shared={same || undefined} />
          ))}
        </span>
      </span>
    </li>
  );
}
