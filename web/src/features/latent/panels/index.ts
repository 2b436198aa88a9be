import { anatomy } from "./anatomy";
import { nearest } from "./nearest";
import { overview } from "./overview";
import type { PanelSpec } from "./panel";
import { pictures } from "./pictures";
import { responsibilities } from "./responsibilities";

/** Every panel there is, in the order in which they stand. A new one is a folder and a line here. */
export const PANELS: readonly PanelSpec[] = [pictures, anatomy, responsibilities, nearest, overview];
