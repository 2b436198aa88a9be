import { Skeleton } from "@/ui/Skeleton";
import styles from "./Shell.module.css";
import { BarLink, TopBar } from "./TopBar";

/** The shape of a run's page, before anything is known of the run. */
export function Shell() {
  return (
    <div className={styles.frame}>
      <TopBar trail={<BarLink href="/runs" on={false}>Runs</BarLink>} />
      <div className={styles.waiting}>
        <Skeleton width={220} height={24} label="Loading the run" />
        <Skeleton width="60%" height={12} />
        <Skeleton height={280} />
        <Skeleton height={160} />
      </div>
    </div>
  );
}
