"use client";
import { useComputable } from "@/features/samples/useSheet";
import { sampleBackground } from "@/lib/samples";
import { useLatent } from "../../latent";
import { Thumb } from "../../Thumb";
import thumbs from "../../Thumb.module.css";
import { useWay } from "../interpolation/useWay";
import styles from "../Side.module.css";

/** Output and error of an example that is not on the run's grid: the way to its neighbor begins with it. */
export function Decoded({ id, size }: { readonly id: number; readonly size: number }) {
  const { sheet } = useLatent();
  const able = useComputable().includes("interpolation");
  const { loaded } = useWay(id, "linear", able);
  const made = loaded.sheet;
  if (!made?.data.layout || made.image === null || !loaded.current) return null;
  const place = sampleBackground(made.data.layout, 0);
  const style = { width: size, height: size, backgroundImage: `url("${made.image}")`, backgroundSize: place.size, backgroundPosition: place.position };
  return (
    <>
      <figure className={styles.picture}>
        <span className={thumbs.thumb} style={style} role="img" aria-label={`Output of example ${id}`} />
        <figcaption>Output</figcaption>
      </figure>
      <figure className={styles.picture}>
        <span className={styles.over} role="img" aria-label={`Error of example ${id}`}>
          <Thumb sheet={sheet} id={id} size={size} />
          <span className={thumbs.thumb} style={style} />
        </span>
        <figcaption>Error</figcaption>
      </figure>
    </>
  );
}
