"use client";
import { useMemo, useState } from "react";
import { Bars } from "@/charts/Bars";
import { useRunId } from "@/features/session/runId";
import { count, steady } from "@/lib/format";
import { css } from "@/lib/rgb";
import { labelsOf, selectedOf, selectionCsv, sortedBy, type SortKey } from "@/lib/latent/selection";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { classColor } from "../../look";
import { useLatent } from "../../latent";
import { Block } from "../Block";
import type { PanelSpec } from "../panel";
import { download } from "./download";
import { PointTable } from "./PointTable";
import styles from "./selection.module.css";

export const selection: PanelSpec = { id: "selection", about: "selection", needs: {}, Component: Selection };

const MOST_LABELS = 6;

/** Who is in the selection: its labels, a table of its points, and the table as a file. */
function Selection() {
  const { view, change, map, anatomy, labelName, palette } = useLatent();
  const runId = useRunId();
  const [sorting, setSorting] = useState<{ readonly key: SortKey; readonly descending: boolean }>({ key: "error", descending: true });
  const points = useMemo(() => selectedOf(view.selected, map.data, anatomy.data), [view.selected, map.data, anatomy.data]);
  const sorted = useMemo(() => sortedBy(points, sorting.key, sorting.descending), [points, sorting]);
  const labels = useMemo(() => labelsOf(points), [points]);
  const errors = points.flatMap(({ error }) => (error === null ? [] : [error]));
  const clear = <Button onClick={() => change({ selected: [] })}>Clear</Button>;
  if (points.length === 0 && map.data) {
    return (
      <Block title="Points">
        <Notice compact title="None of them is on this map" actions={clear}>
          The selection was made on other points.
        </Notice>
      </Block>
    );
  }
  const save = () => download(`${runId}-epoch-${map.data?.epoch ?? 0}-selection.csv`, selectionCsv(sorted, labelName));
  const bars = labels.slice(0, MOST_LABELS).map(([label, points_]) => ({ id: label, label: labelName(label), value: points_, text: count(points_), color: css(classColor(palette, label)) }));
  return (
    <>
      {bars.length > 0 && (
        <Block title="Labels" aside={labels.length > bars.length ? `${labels.length} in all` : null}>
          <Bars label="Labels of the selection" bars={bars} names={bars.every(({ label }) => label.length <= 2) ? 24 : 92} />
        </Block>
      )}
      <Block title="Points" aside={errors.length > 0 && `mean error ${steady(errors.reduce((sum, error) => sum + error, 0) / errors.length)}`}>
        <PointTable
          points={sorted}
          sorting={sorting}
          onSort={(key) => setSorting((now) => ({ key, descending: now.key === key ? !now.descending : key === "error" }))}
        />
        <div className={styles.actions}>
          <Button onClick={save}>Download CSV</Button>
          {clear}
        </div>
      </Block>
    </>
  );
}
