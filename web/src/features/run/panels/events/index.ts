import type { PanelSpec } from "../panel";
import { EventsPanel } from "./EventsPanel";

export const events: PanelSpec = { id: "events", place: "side", needs: {}, Component: EventsPanel };
