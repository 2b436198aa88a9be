import { tileOf } from "@/lib/latent/sprites";
import type { SpriteSheet } from "./data/useSprites";
import styles from "./Thumb.module.css";

interface ThumbProps {
  readonly sheet: SpriteSheet | null;
  readonly id: number;
  /** Width and height in pixels. */
  readonly size: number;
  readonly alt?: string;
}

/** One picture of the sheet of thumbnails; an empty tile where there is none. */
export function Thumb({ sheet, id, size, alt = "" }: ThumbProps) {
  const tile = sheet && tileOf(sheet.sprites, id);
  const style = tile && {
    backgroundImage: `url("${sheet.url}")`,
    backgroundSize: `${sheet.sprites.columns * size}px ${sheet.sprites.rows * size}px`,
    backgroundPosition: `${-tile.column * size}px ${-tile.row * size}px`,
  };
  const hidden = alt === "" || undefined;
  return <span className={styles.thumb} role={hidden ? undefined : "img"} aria-label={alt || undefined} aria-hidden={hidden} style={{ width: size, height: size, ...style }} />;
}
