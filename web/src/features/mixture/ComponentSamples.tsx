"use client";
import { useState } from "react";
import { drawKeys, DrawControls, FIRST_DRAW } from "@/features/samples/DrawControls";
import { epochWords, Sheet, SheetReceipt } from "@/features/samples/Sheet";
import { useComputable, useSheet } from "@/features/samples/useSheet";
import { IconButton } from "@/ui/Button";
import { CloseIcon } from "@/ui/icons";
import styles from "./mixture.module.css";

const KIND = "prior_component";

interface ComponentSamplesProps {
  /** The component to draw from; null for none. */
  readonly component: number | null;
  readonly epoch: number;
  readonly columns: number;
  readonly onClose: () => void;
}

/** What one component of the prior draws; an invitation while none is chosen. */
export function ComponentSamples({ component, epoch, columns, onClose }: ComponentSamplesProps) {
  const able = useComputable().includes(KIND);
  const [draw, setDraw] = useState(FIRST_DRAW);
  const loaded = useSheet(KIND, epoch, component === null || !able ? null : { c: component, ...drawKeys(draw) });
  if (!able) return null;
  if (component === null) return <p className={styles.said}>Click a component to see what it draws.</p>;
  return (
    <section className={styles.samples} aria-label={`Samples of component ${component}`}>
      <header className={styles.head}>
        <h3>Component {component}</h3>
        <span className={styles.aside}>{epochWords(loaded, epoch) ?? <SheetReceipt kind={KIND} loaded={loaded} />}</span>
        <IconButton label="Close the samples" className={styles.close} onClick={onClose}>
          <CloseIcon />
        </IconButton>
      </header>
      <Sheet loaded={loaded} label={`Samples of component ${component}`} columns={columns} m={draw.m} />
      <DrawControls draw={draw} what="samples" onDraw={setDraw} />
    </section>
  );
}
