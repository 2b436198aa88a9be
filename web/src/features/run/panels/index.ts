import { curves } from "./curves";
import { diagnoses } from "./diagnoses";
import { events } from "./events";
import { mixture } from "./mixture";
import type { PanelSpec } from "./panel";
import { reconstructions } from "./reconstructions";
import { samples } from "./samples";
import { scores } from "./scores";

/** Every panel there is, in the order in which they stand. A new one is a folder and a line here. */
export const PANELS: readonly PanelSpec[] = [curves, reconstructions, mixture, diagnoses, samples, scores, events];
