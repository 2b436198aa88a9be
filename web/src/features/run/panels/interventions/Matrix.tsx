"use client";
import { Fragment, useMemo } from "react";
import { heatStyle } from "@/charts/Heat";
import { useTheme } from "@/features/session/ThemeToggle";
import { compact } from "@/lib/format";
import { isScore, targetOf, type Choice, type Intervention, type Interventions } from "@/lib/interventions";
import styles from "./interventions.module.css";

const WORDS = {
  suppress: ["Suppress", "takes the direction out"],
  repel: ["Repel", "turns codes away from the direction"],
  ablate: ["Ablate", "sets the dimensions to their mean"],
  prune: ["Prune", "sets the dimensions to 0"],
} as const;

interface MatrixProps {
  readonly study: Interventions;
  readonly choice: Choice;
  readonly onChoose: (choice: Choice) => void;
}

/** Every intervention against every subject: how much of what it adds goes with the similarity. */
export function Matrix({ study, choice, onChoose }: MatrixProps) {
  const { subjects, interventions } = study;
  const order = useMemo(() => byKind(interventions), [interventions]);
  return (
    <div className={styles.matrix}>
      <table className={styles.table} aria-label="r² of what each intervention adds to the error, by similarity to each subject">
        <thead>
          <tr>
            <td className={styles.corner}>r² by similarity to</td>
            {subjects.map(({ name, is }) => (
              <th key={`${name} ${is}`} scope="col" title={`${name}, ${is}`}>
                {name}
                <small>{is}</small>
              </th>
            ))}
            <th scope="col" className={styles.cost} title="Error that is added, mean over the points">added</th>
          </tr>
        </thead>
        <tbody>
          {order.map(([one, i], row) => (
            <Fragment key={one.name}>
              {one.kind !== order[row - 1]?.[0].kind && (
                <tr className={styles.group}>
                  <th scope="rowgroup" colSpan={subjects.length + 2}>
                    {WORDS[one.kind][0]} <span>{WORDS[one.kind][1]}</span>
                  </th>
                </tr>
              )}
              <tr>
                <th scope="row" title={one.dimensions.length > 1 ? `dimensions ${one.dimensions.join(", ")}` : undefined}>{targetOf(one)}</th>
                {subjects.map((_, s) => (
                  <Cell key={s} study={study} at={{ intervention: i, subject: s }} on={choice.intervention === i && choice.subject === s} onChoose={onChoose} />
                ))}
                <td className={styles.cost}>{compact(one.mean, 2)}</td>
              </tr>
            </Fragment>
          ))}
        </tbody>
      </table>
      <p className={styles.said}>
        r² near 1: whoever is more similar is hurt more, and only they. Framed: the subject&apos;s own direction, the score of its structure. ↘: the similar are hurt less.
        {study.leftOut.length > 0 && ` Left out: ${study.leftOut.join(", ")}.`}
      </p>
    </div>
  );
}

const KINDS = Object.keys(WORDS);

/** Interventions with their places, those of a kind together. */
function byKind(interventions: readonly Intervention[]): readonly (readonly [Intervention, number])[] {
  const placed = interventions.map((one, place) => [one, place] as const);
  return placed.sort(([a, i], [b, j]) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || i - j);
}

interface CellProps {
  readonly study: Interventions;
  readonly at: Choice;
  readonly on: boolean;
  readonly onChoose: (choice: Choice) => void;
}

function Cell({ study, at, on, onChoose }: CellProps) {
  const theme = useTheme();
  const { r2, slope } = study.effects[at.intervention]?.[at.subject] ?? { r2: null, slope: null };
  const falls = slope !== null && slope < 0 && (r2 ?? 0) >= 0.005;
  const words = `${study.interventions[at.intervention]?.name}, similarity to ${study.subjects[at.subject]?.name}: r²`;
  return (
    <td>
      <button
        type="button"
        className={styles.cell}
        aria-pressed={on}
        title={`${words} ${r2 === null ? "is not defined, as nothing varies" : r2.toFixed(3)}`}
        data-score={isScore(study, at) || undefined}
        style={r2 === null ? undefined : heatStyle(theme, r2)}
        onClick={() => onChoose(at)}
      >
        <span className="visually-hidden">{words} </span>
        {falls && "↘ "}
        {r2 === null ? "–" : r2.toFixed(2)}
      </button>
    </td>
  );
}
