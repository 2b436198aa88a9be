"use client";
import { USUAL_GATE, gateWish, type Gate } from "@/lib/interventions";
import { Slider } from "@/ui/Slider";
import styles from "./interventions.module.css";

interface GateControlsProps {
  readonly gate: Gate;
  readonly onGate: (gate: Gate) => void;
}

/** Steps of the sliders, in thousandths: few, for each place is a file of the run. */
const STEP = 50;
const [LAST, LEAST] = [950, 50];

/** From which alignment on, and how strongly, directions are taken away. Dimensions always go whole. */
export function GateControls({ gate, onGate }: GateControlsProps) {
  const { threshold, strength } = gate;
  const [from, share] = [(threshold / 1000).toFixed(2), `${Math.round(strength / 10)}%`];
  return (
    <div className={styles.gate} role="group" aria-label="How directions are taken away">
      <label className={styles.dial} title="Suppression and repulsion leave codes alone that point less than this into the direction">
        <span>Threshold</span>
        <Slider label="Threshold" min={0} max={LAST} step={STEP} value={threshold} valueText={from} onChange={(value) => onGate({ ...gate, threshold: value })} />
        <output>{from}</output>
      </label>
      <label className={styles.dial} title="How much of suppression and repulsion is carried out">
        <span>Strength</span>
        <Slider label="Strength" min={LEAST} max={1000} step={STEP} value={strength} valueText={share} onChange={(value) => onGate({ ...gate, strength: value })} />
        <output>{share}</output>
      </label>
      {gateWish(gate) && (
        <button type="button" className={styles.usual} onClick={() => onGate(USUAL_GATE)}>
          As recorded
        </button>
      )}
      <span className={styles.note}>Of suppression and repulsion; dimensions always go whole.</span>
    </div>
  );
}
