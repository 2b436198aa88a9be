"use client";
import { useRun } from "@/features/session/RunSession";
import { Checkbox } from "@/ui/Checkbox";
import { useLatent } from "../latent";
import { OVERLAYS } from "../overlays";
import { offers } from "../overlays/overlay";
import styles from "./Controls.module.css";
import { Group } from "./Group";

/** The overlays that this run has something for. */
export function OverlayControl() {
  const { view, change } = useLatent();
  const artifacts = useRun((run) => run.artifacts);
  const capabilities = useRun((run) => run.capabilities);
  const offer = { dims: view.dims, method: view.method, artifacts, capabilities };
  const offered = OVERLAYS.filter((overlay) => offers(overlay, offer));
  if (offered.length === 0) return null;
  return (
    <Group title="Overlays">
      <div className={styles.checks}>
        {offered.map(({ id, label, first }) => (
          <Checkbox
            key={id}
            checked={view.overlays[id] ?? first}
            onChange={(on) => {
              const others = Object.fromEntries(Object.entries(view.overlays).filter(([other]) => other !== id));
              change({ overlays: on === first ? others : { ...others, [id]: on } });
            }}
          >
            {label}
          </Checkbox>
        ))}
      </div>
    </Group>
  );
}
