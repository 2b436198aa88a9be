"use client";
import { useState } from "react";
import { epochWords, Sheet, SheetReceipt } from "@/features/samples/Sheet";
import { useSeen } from "@/features/samples/useSeen";
import { useSheet } from "@/features/samples/useSheet";
import { useDetail } from "@/features/session/RunSession";
import { getAt } from "@/lib/config";
import { compact } from "@/lib/format";
import { rowOf } from "@/lib/latent/columns";
import { traversable } from "@/lib/latent/dimensions";
import { Select } from "@/ui/Select";
import { useLatent } from "../../latent";
import { Block } from "../Block";
import type { PanelProps, PanelSpec } from "../panel";
import styles from "../Side.module.css";

export const traversal: PanelSpec = { id: "traversal", about: "point", needs: { computable: "traversal" }, Component: Traversal };

const STEPS = 9;

/** The point with one of its latent dimensions moved: those with the most information first. */
function Traversal({ id }: PanelProps) {
  const { anatomy, epoch } = useLatent();
  const size = getAt(useDetail()?.config, "model.latent_dim");
  const [room, seen] = useSeen();
  const [chosen, setChosen] = useState<{ readonly id: number; readonly d: number } | null>(null);
  const at = anatomy.data?.ids.indexOf(id) ?? -1;
  const kl = anatomy.data?.kl && at >= 0 ? rowOf(anatomy.data.kl, at) : null;
  const dims = traversable(kl, anatomy.data?.active?.units ?? null, typeof size === "number" ? size : 0);
  const first = anatomy.state === "loading" && !anatomy.data ? undefined : dims[0]?.d;
  // Once shown, a dimension stays while the epochs go by, though another may have more to say then.
  if (first !== undefined && chosen?.id !== id) setChosen({ id, d: first });
  const d = chosen?.id === id ? chosen.d : (first ?? null);
  const loaded = useSheet("traversal", epoch, d === null || !seen ? null : { idx: id, d, m: STEPS });
  if (d === null) return null;
  const values = loaded.sheet?.data.values;
  return (
    <div ref={room} className={styles.block}>
      <Block title="Traversal" inner aside={epochWords(loaded, epoch) ?? <SheetReceipt kind="traversal" loaded={loaded} />}>
        <div className={styles.ends}>
          <span>along</span>
          <Select label="Latent dimension" value={String(d)} options={dims.map((dim) => ({ value: String(dim.d), label: dim.label }))} onChange={(value) => setChosen({ id, d: Number(value) })} />
        </div>
        <Sheet
          loaded={loaded}
          label={`Point ${id} along latent dimension ${d + 1}`}
          columns={STEPS}
          m={STEPS}
          below={(item) => values && (item % 2 === 0 ? <span>{compact(values[item], 2)}</span> : <span aria-hidden="true">&nbsp;</span>)}
        />
      </Block>
    </div>
  );
}
