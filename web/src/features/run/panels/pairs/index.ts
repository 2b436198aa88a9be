import type { PanelSpec } from "../panel";
import { PairsPanel, SETTING } from "./PairsPanel";
import { KIND } from "./useMoments";

export const pairs: PanelSpec = { id: "pairs", place: "main", needs: { capabilities: ["encode"], artifact: KIND, setting: SETTING }, Component: PairsPanel };
