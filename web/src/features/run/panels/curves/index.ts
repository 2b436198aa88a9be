import type { PanelSpec } from "../panel";
import { CurvesPanel } from "./CurvesPanel";

export const curves: PanelSpec = { id: "curves", place: "main", needs: {}, Component: CurvesPanel };
