import { anatomy } from "./anatomy";
import { interpolation } from "./interpolation";
import { mixture } from "./mixture";
import { nearest } from "./nearest";
import { overview } from "./overview";
import type { PanelSpec } from "./panel";
import { pictures } from "./pictures";
import { prior } from "./prior";
import { responsibilities } from "./responsibilities";
import { samples } from "./samples";
import { selection } from "./selection";
import { traversal } from "./traversal";
import { uncertainty } from "./uncertainty";

/** Every panel there is, in the order in which they stand. A new one is a folder and a line here. */
export const PANELS: readonly PanelSpec[] = [
  pictures, anatomy, responsibilities, uncertainty, nearest, samples, interpolation, traversal, selection, overview, mixture, prior,
];
