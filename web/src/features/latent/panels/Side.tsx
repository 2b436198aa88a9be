"use client";
import { useComputable } from "@/features/samples/useSheet";
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
import { fits, type About } from "./panel";
import styles from "./Side.module.css";

const TITLES = { map: "About the map", selection: "About the selection" } as const;

/** The right side: all about the point in focus, about what is selected, or about the map. */
export function Side() {
  const { view, order } = useLatent();
  const artifacts = useRun((run) => run.artifacts);
  const capabilities = useRun((run) => run.capabilities);
  const computable = useComputable();
  const at = view.focus === null ? -1 : (order.get(view.focus) ?? -1);
  const about: About = view.focus !== null ? "point" : view.selected.length > 0 ? "selection" : "map";
  const shown = PANELS.filter((panel) => panel.about === about && fits(panel, { artifacts, capabilities, computable }));
  return (
    <aside className={styles.side} aria-label={about === "point" ? `Point ${view.focus}` : TITLES[about]} data-focus={view.focus ?? undefined}>
      {about === "point" && <Head at={at} />}
      {about === "selection" && <SelectionHead />}
      {about === "map" && <h2 className={styles.title}>This map</h2>}
      {about === "point" && at < 0 ? <Absent /> : shown.map(({ id, Component }) => (
        <div key={id} className={styles.panel} data-panel={id}>
          <Component id={view.focus ?? -1} at={at} />
        </div>
      ))}
    </aside>
  );
}

function SelectionHead() {
  const { view, change } = useLatent();
  const { length } = view.selected;
  return (
    <header className={styles.head}>
      <h2 className={styles.title}>
        {count(length)} {length === 1 ? "point" : "points"} selected
      </h2>
      <IconButton label="Clear the selection (Esc)" onClick={() => change({ selected: [] })}>
        <CloseIcon />
      </IconButton>
    </header>
  );
}

function Head({ at }: { readonly at: number }) {
  const { view, change, map, palette, labelName } = useLatent();
  const label = map.data?.label?.[at];
  const back = view.selected.length > 0;
  return (
    <>
      {back && (
        <button type="button" className={styles.back} onClick={() => change({ focus: null })}>
          ← {count(view.selected.length)} selected
        </button>
      )}
      <header className={styles.head} data-below={back || undefined}>
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
    </>
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
