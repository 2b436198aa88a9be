"use client";
import { steady } from "@/lib/format";
import { rowOf } from "@/lib/latent/columns";
import { useLatent } from "../../latent";
import { Thumb } from "../../Thumb";
import { Block, Waiting } from "../Block";
import type { PanelProps, PanelSpec } from "../panel";
import styles from "../Side.module.css";

export const nearest: PanelSpec = { id: "nearest", about: "point", needs: { artifact: "knn_pca" }, Component: Nearest };

/** The neighbors of the point, with their distances in the latent space; a click goes there. */
function Nearest({ id }: PanelProps) {
  const { neighbors, view, change, sheet, map, labelName } = useLatent();
  const at = neighbors.data?.ids.indexOf(id) ?? -1;
  if (!neighbors.data || at < 0) {
    return (
      <Block title="Nearest in latent space">
        <Waiting frame={neighbors} what="neighbors" height={120} />
      </Block>
    );
  }
  const [ids, distances] = [rowOf(neighbors.data.nearest, at), rowOf(neighbors.data.distances, at)];
  const label = (near: number) => map.data?.label?.[map.data.ids.indexOf(near)];
  const own = label(id);
  const shown = Array.from(ids.slice(0, view.k));
  const same = own === undefined ? null : shown.filter((near) => label(near) === own).length;
  return (
    <Block title="Nearest in latent space" aside="distance">
      <div className={styles.nearest}>
        {shown.map((near, rank) => (
          <button key={near} type="button" className={styles.near} title={`Point ${near}${labelWords(label(near), labelName)}`} onClick={() => change({ focus: near })}>
            <Thumb sheet={sheet} id={near} size={42} alt={`Point ${near}`} />
            {steady(distances[rank])}
          </button>
        ))}
      </div>
      <p className={styles.said}>
        d<sub>{neighbors.data.k}</sub> {steady(neighbors.data.kth[at])}
        {same !== null && own !== undefined && ` · ${same} of ${shown.length} have label ${labelName(own)} too`}
      </p>
    </Block>
  );
}

function labelWords(label: number | undefined, labelName: (value: number) => string): string {
  return label === undefined || label < 0 ? "" : `, label ${labelName(label)}`;
}
