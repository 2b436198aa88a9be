"use client";
import { useRun } from "@/features/session/RunSession";
import { css } from "@/lib/rgb";
import { IconButton } from "@/ui/Button";
import { CloseIcon } from "@/ui/icons";
import { Notice } from "@/ui/Notice";
import { Button } from "@/ui/Button";
import { count } from "@/lib/format";
import { useLatent } from "../latent";
import { classColor } from "../look";
import { PANELS } from ".";
import { fits } from "./panel";
import styles from "./Side.module.css";

/** The right side: all about the point in focus, or about the map while there is none. */
export function Side() {
  const { view, order } = useLatent();
  const artifacts = useRun((run) => run.artifacts);
  const capabilities = useRun((run) => run.capabilities);
  const at = view.focus === null ? -1 : (order.get(view.focus) ?? -1);
  const about = view.focus === null ? "map" : "point";
  const shown = PANELS.filter((panel) => panel.about === about && fits(panel, { artifacts, capabilities }));
  return (
    <aside className={styles.side} aria-label={about === "map" ? "About the map" : `Point ${view.focus}`} data-focus={view.focus ?? undefined}>
      {about === "point" ? <Head at={at} /> : <h2 className={styles.title}>This map</h2>}
      {about === "point" && at < 0 ? <Absent /> : shown.map(({ id, Component }) => <Component key={id} id={view.focus ?? -1} at={at} />)}
    </aside>
  );
}

function Head({ at }: { readonly at: number }) {
  const { view, change, map, palette, labelName } = useLatent();
  const label = map.data?.label?.[at];
  return (
    <header className={styles.head}>
      <h2 className={styles.title}>Point {view.focus}</h2>
      {label !== undefined && label >= 0 && (
        <span className={styles.tag}>
          <span className={styles.dot} style={{ background: css(classColor(palette, label)) }} aria-hidden="true" />
          label {labelName(label)}
        </span>
      )}
      <IconButton label="Clear the focus (Esc)" onClick={() => change({ focus: null })}>
        <CloseIcon />
      </IconButton>
    </header>
  );
}

function Absent() {
  const { order, change } = useLatent();
  return (
    <div className={styles.block}>
      <Notice compact title="This point is not on the map" actions={<Button onClick={() => change({ focus: null })}>Clear the focus</Button>}>
        The map shows {count(order.size)} fixed points. Find one of them with the slash key, or click one.
      </Notice>
    </div>
  );
}
