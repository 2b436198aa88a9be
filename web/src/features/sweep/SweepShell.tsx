import { BarLink, TopBar } from "@/features/session/TopBar";
import { Skeleton } from "@/ui/Skeleton";
import styles from "./SweepScreen.module.css";

/** The shape of a sweep's page, before anything is known of the sweep. */
export function SweepShell() {
  return (
    <div className={styles.frame}>
      <TopBar trail={<BarLink href="/sweeps" on={false}>Sweeps</BarLink>} />
      <div className={styles.waiting}>
        {Array.from({ length: 40 }, (_, at) => (
          <Skeleton key={at} width={112} height={112} label={at === 0 ? "Loading the sweep" : undefined} />
        ))}
      </div>
    </div>
  );
}
