"use client";
import { compact, count } from "@/lib/format";
import { membersOf } from "@/lib/latent/fields";
import { gradient } from "@/lib/ramp";
import { css } from "@/lib/rgb";
import { Select } from "@/ui/Select";
import { useLatent } from "../latent";
import { classColor } from "../look";
import styles from "./Controls.module.css";
import { Group } from "./Group";

export function ColorControl() {
  const { choices, choice, change, field, view } = useLatent();
  const some = field.kind === "class" && view.hidden.length > 0;
  const all = some && (
    <button type="button" className={styles.link} onClick={() => change({ hidden: [] })}>
      Show all
    </button>
  );
  const options = choices.map(({ id, label }) => ({ value: id, label }));
  return (
    <Group title="Color by" aside={all}>
      <Select label="Color by" value={choice.id} options={options} onChange={(color) => change({ color })} />
      {field.kind === "class" ? <Classes /> : <Scale />}
    </Group>
  );
}

/** A class per line; pressing dims it, with Alt leaves it alone, with Shift selects its points. */
function Classes() {
  const { classes, palette, view, change, choice, field, map } = useLatent();
  const hidden = new Set(view.hidden);
  const toggle = (value: number, alone: boolean) => {
    const others = classes.map((item) => item.value).filter((other) => other !== value);
    const isAlone = !hidden.has(value) && others.every((other) => hidden.has(other));
    if (alone) change({ hidden: isAlone ? [] : others });
    else change({ hidden: hidden.has(value) ? view.hidden.filter((other) => other !== value) : [...view.hidden, value] });
  };
  const select = (value: number) => {
    if (map.data) change({ selected: membersOf(field, value, map.data.ids), focus: null });
  };
  if (!map.data) return null;
  if (classes.length === 0) return <p className={styles.hint}>All points in one color.</p>;
  return (
    <ul className={styles.legend} aria-label={`Classes by ${choice.label.toLowerCase()}`}>
      {classes.map(({ value, name, count: points }) => (
        <li key={value}>
          <button
            type="button"
            className={styles.class}
            aria-pressed={!hidden.has(value)}
            title={`${name}: ${count(points)} points. Click to dim or show, Alt-click to show it alone, Shift-click to select its points.`}
            onClick={(event) => (event.shiftKey ? select(value) : toggle(value, event.altKey))}
          >
            <span className={styles.dot} style={{ background: css(classColor(palette, value)) }} aria-hidden="true" />
            <span className={styles.name}>{name}</span>
            <span className={styles.count}>{count(points)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Scale() {
  const { range, palette, choice } = useLatent();
  return (
    <div className={styles.scale}>
      <div className={styles.ramp} style={{ background: gradient(palette.theme) }} aria-hidden="true" />
      <div className={styles.ends}>
        <span>{compact(range[0], 3)}</span>
        <span>{choice.unit}</span>
        <span>{compact(range[1], 3)}</span>
      </div>
      <p className={styles.hint}>Range of this epoch, without the outermost 1% on each side.</p>
    </div>
  );
}
