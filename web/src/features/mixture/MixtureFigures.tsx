import { nats, steady } from "@/lib/format";
import { deadWords, type MixtureHealth } from "@/lib/mixture";
import styles from "./mixture.module.css";

interface MixtureFiguresProps {
  readonly health: MixtureHealth;
  /** Leaves out the effective number, where it is said already. */
  readonly brief?: boolean;
}

/** The mixture in numbers: how many components do the work, and how hard its choices are. */
export function MixtureFigures({ health, brief = false }: MixtureFiguresProps) {
  const { effective, argmaxEffective, meanEntropy, weights } = health;
  return (
    <>
      <dl className={styles.figures}>
        {!brief && (
          <div title="The exponential of the entropy of the weights">
            <dt>Effective components</dt>
            <dd>
              {effective?.toFixed(1) ?? "–"} <small>of {weights.length}</small>
            </dd>
          </div>
        )}
        {argmaxEffective !== null && (
          <div title="The same of the number of points that each component holds">
            <dt>Effective by points held</dt>
            <dd>{argmaxEffective.toFixed(1)}</dd>
          </div>
        )}
        <div title="Mean over the points; 0 is a hard choice">
          <dt>Mean entropy of q(c|x)</dt>
          <dd>
            {nats(meanEntropy)} <small>of at most {steady(Math.log(weights.length))} nats</small>
          </dd>
        </div>
      </dl>
      <p className={styles.said} data-warn={health.dead.length > 0 || undefined}>{deadWords(health)}</p>
    </>
  );
}
