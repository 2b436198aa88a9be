import { atlas } from "./atlas";
import { density } from "./density";
import { distortion } from "./distortion";
import { gaps } from "./gaps";
import { names } from "./names";
import type { OverlaySpec } from "./overlay";
import { prior, priorAsUsed } from "./prior";
import { trust } from "./trust";

/** Every overlay there is, in the order of drawing. A new one is a folder and a line here. */
export const OVERLAYS: readonly OverlaySpec[] = [names, density, prior, priorAsUsed, gaps, distortion, trust, atlas];
