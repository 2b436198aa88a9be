import { curves } from "./curves";
import { diagnoses } from "./diagnoses";
import { events } from "./events";
import { factors } from "./factors";
import { interventions } from "./interventions";
import { mixture } from "./mixture";
import { pairs } from "./pairs";
import type { PanelSpec } from "./panel";
import { reconstructions } from "./reconstructions";
import { samples } from "./samples";
import { scores } from "./scores";
import { sharing } from "./sharing";

/** Every panel there is, in the order in which they stand. A new one is a folder and a line here. */
export const PANELS: readonly PanelSpec[] = [curves, pairs, reconstructions, sharing, interventions, mixture, diagnoses, samples, scores, factors, events];
