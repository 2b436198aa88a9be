import type { PanelSpec } from "../panel";
import { FactorsPanel, KIND } from "./FactorsPanel";

export const factors: PanelSpec = { id: "factors", place: "side", needs: { capabilities: ["encode"], artifact: KIND, atEnd: true }, Component: FactorsPanel };
