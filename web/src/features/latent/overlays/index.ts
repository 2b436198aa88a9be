import { names } from "./names";
import type { OverlaySpec } from "./overlay";

/** Every overlay there is, in the order of drawing. A new one is a folder and a line here. */
export const OVERLAYS: readonly OverlaySpec[] = [names];
