"use client";
import { ProjectionControl } from "./ProjectionControl";
import { ColorControl } from "./ColorControl";
import styles from "./Controls.module.css";
import { NeighborControl } from "./NeighborControl";
import { OverlayControl } from "./OverlayControl";
import { Search } from "./Search";

/** What is shown and how: the left side of the explorer. */
export function Controls() {
  return (
    <aside className={styles.controls} aria-label="Controls of the map">
      <div className={styles.groups}>
        <ProjectionControl />
        <ColorControl />
        <OverlayControl />
        <NeighborControl />
      </div>
      <Search />
    </aside>
  );
}
