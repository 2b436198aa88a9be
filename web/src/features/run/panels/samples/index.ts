import type { PanelSpec } from "../panel";
import { SamplesPanel } from "./SamplesPanel";

export const samples: PanelSpec = { id: "samples", place: "side", needs: { computable: "prior_samples" }, Component: SamplesPanel };
