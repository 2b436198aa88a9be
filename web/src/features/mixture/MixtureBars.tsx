import { count } from "@/lib/format";
import { isWeak, type MixtureHealth } from "@/lib/mixture";
import styles from "./mixture.module.css";

interface MixtureBarsProps {
  readonly health: MixtureHealth;
  readonly chosen: number | null;
  readonly onChoose: (component: number | null) => void;
}

/** A line per component: its weight, and for how many points it is the most likely one. */
export function MixtureBars({ health, chosen, onChoose }: MixtureBarsProps) {
  const top = Math.max(...health.weights, 1e-9);
  return (
    <ol className={styles.lines} aria-label="Weight of each component, and its points">
      {health.weights.map((weight, component) => (
        <li key={component}>
          <button
            type="button"
            className={styles.line}
            aria-pressed={component === chosen}
            title={`Component ${component}: weight ${(weight * 100).toFixed(2)}%, ${count(health.counts[component] ?? 0)} points`}
            onClick={() => onChoose(component === chosen ? null : component)}
          >
            <span className={styles.name}>c{component}</span>
            <span className={styles.track}>
              <span className={styles.fill} data-weak={isWeak(health, component) || undefined} style={{ width: `${(weight / top) * 100}%` }} />
            </span>
            <span className={styles.share}>{(weight * 100).toFixed(1)}%</span>
            <span className={styles.points}>{count(health.counts[component] ?? 0)}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
