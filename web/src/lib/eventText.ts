import { artifactWords } from "./artifactWords";
import { duration, steady } from "./format";
import type { LogLine } from "./runState";
import { datasetWords, modelWords } from "./words";
import { unreachable, type RunEvent } from "./wire";

type Told = { text: string; tone: LogLine["tone"] };

/** The event as a line of the log; null for those that come too often to be read. */
export function logLine(event: RunEvent): LogLine | null {
  const told = tell(event);
  if (!told) return null;
  const { id, type, time, epoch, step } = event;
  return { id, type, time, epoch, step, ...told };
}

function plain(text: string): Told {
  return { text, tone: "plain" };
}

function tell(event: RunEvent): Told | null {
  switch (event.type) {
    case "run.created":
      return plain(`Created: ${modelWords(event.data.model_kind)} on ${datasetWords(event.data.dataset)}`);
    case "run.started":
      return { text: started(event.data.device, event.data.parameters), tone: "ok" };
    case "run.resumed":
      return { text: `Resumed from step ${event.data.from_step.toLocaleString("en")}`, tone: "ok" };
    case "run.completed":
      return { text: `Completed${after(event.data.duration_s)}`, tone: "ok" };
    case "run.cancelled":
      return { text: `Canceled${after(event.data.duration_s)}`, tone: "warn" };
    case "run.failed":
      return { text: `Failed: ${event.data.message ?? event.data.reason}`, tone: "error" };
    case "train.progress":
      return null;
    case "train.metrics": {
      const loss = (event.data as Readonly<Record<string, unknown>>)["val/loss"];
      if (event.data.scope === "steps" || typeof loss !== "number") return null;
      return plain(`Validation loss ${steady(loss)}`);
    }
    case "phase.started":
      return plain(`Phase: ${event.data.phase}`);
    case "action.performed":
      return plain(`Action: ${event.data.action}`);
    case "artifact.created":
      return plain(`${artifactWords(event.data.kind)} written`);
    case "projection.progress":
      return null;
    case "eval.progress":
      return null;
    case "log.warning":
      return { text: event.data.message, tone: "warn" };
    default:
      unreachable(event);
      return plain((event as { type: string }).type);
  }
}

function started(device: string | null | undefined, parameters: number | null | undefined): string {
  const where = device ? ` on ${device}` : "";
  const size = parameters ? `, ${parameters.toLocaleString("en")} parameters` : "";
  return `Training started${where}${size}`;
}

function after(seconds: number | null | undefined): string {
  return seconds === null || seconds === undefined ? "" : ` after ${duration(seconds)}`;
}
