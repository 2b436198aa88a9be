"use client";
import { useComputable } from "@/features/samples/useSheet";
import { useRun } from "@/features/session/RunSession";
import { Checkbox } from "@/ui/Checkbox";
import { useLatent } from "../latent";
import { OVERLAYS } from "../overlays";
import { isOn, labelOf, offers, turned } from "../overlays/overlay";
import styles from "./Controls.module.css";
import { Group } from "./Group";

/** The overlays that this run has something for, or can make. */
export function OverlayControl() {
  const { view, change } = useLatent();
  const artifacts = useRun((run) => run.artifacts);
  const capabilities = useRun((run) => run.capabilities);
  const computable = useComputable();
  const offer = { dims: view.dims, method: view.method, artifacts, capabilities, computable };
  const offered = OVERLAYS.filter((overlay) => offers(overlay, offer));
  if (offered.length === 0) return null;
  const shown = isOn(OVERLAYS, view.overlays);
  return (
    <Group title="Overlays">
      <div className={styles.checks}>
        {offered.map(({ id, ...overlay }) => (
          <Checkbox key={id} checked={shown.has(id)} onChange={(on) => change({ overlays: turned(OVERLAYS, view.overlays, id, on) })}>
            {labelOf(overlay, capabilities)}
          </Checkbox>
        ))}
      </div>
    </Group>
  );
}
