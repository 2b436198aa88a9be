"use client";
import { nats, steady } from "@/lib/format";
import { useLatent } from "../../latent";
import { Block } from "../Block";
import type { PanelProps, PanelSpec } from "../panel";
import styles from "../Side.module.css";

export const uncertainty: PanelSpec = { id: "uncertainty", about: "point", needs: { artifact: "anatomy" }, Component: Uncertainty };

/** How sure the model is of this point, as far as it says. */
function Uncertainty({ id }: PanelProps) {
  const { anatomy: { data }, map, labelName } = useLatent();
  const at = data?.ids.indexOf(id) ?? -1;
  if (!data || at < 0) return null;
  const { entropy, deviation, predicted, responsibilities } = data;
  const guess = predicted?.[at];
  const label = map.data?.label?.[map.data.ids.indexOf(id)];
  if (!entropy && !deviation && guess === undefined) return null;
  const most = responsibilities ? Math.log(responsibilities.width) : null;
  return (
    <Block title="Uncertainty">
      <dl className={styles.figures}>
        {entropy && (
          <div>
            <dt>Entropy of q(c|x)</dt>
            <dd>
              {nats(entropy[at])} <small>{most === null ? "nats" : `of at most ${steady(most)} nats`}</small>
            </dd>
          </div>
        )}
        {deviation && (
          <div>
            <dt>Mean posterior deviation</dt>
            <dd>
              {steady(deviation[at])} {!responsibilities && <small>the prior’s is 1</small>}
            </dd>
          </div>
        )}
        {guess !== undefined && guess >= 0 && (
          <div>
            <dt>Prediction</dt>
            <dd>
              {labelName(guess)} <small>{label === undefined || label < 0 ? "" : label === guess ? "as labeled" : `but labeled ${labelName(label)}`}</small>
            </dd>
          </div>
        )}
      </dl>
    </Block>
  );
}
