import { BASE } from "@/lib/base";
import type { RunEvent } from "@/lib/wire";
import { asProblem, Problem } from "./problem";
import { getEvents } from "./runs";

export type Connection = "connecting" | "connected" | "reconnecting" | "paused" | "gone" | "refused";

export interface StreamHandlers {
  /** Events in order, without gap or duplicate, in batches. */
  onEvents(events: readonly RunEvent[]): void;
  onConnection(connection: Connection, problem: Problem | null): void;
}

const BATCH_MS = 40;
const RETRY_MS = [500, 1000, 2000, 4000, 8000];
const HIDDEN_MS = 60_000;

/**
 * The page's one stream of events. First it reads all there is as JSON, then it listens. A gap in
 * the ids (a slow client is spared the progress events) is filled by reading again; a lost
 * connection comes back with what was missed; a tab that is hidden for a minute lets go of it.
 */
export class RunStream {
  private source: EventSource | null = null;
  private queue: RunEvent[] = [];
  private flushing: ReturnType<typeof setTimeout> | null = null;
  private retrying: ReturnType<typeof setTimeout> | null = null;
  private hiding: ReturnType<typeof setTimeout> | null = null;
  private failures = 0;
  private closed = false;
  private filling = false;

  constructor(
    private readonly runId: string,
    private readonly handlers: StreamHandlers,
    private lastId = 0,
  ) {}

  open(): void {
    document.addEventListener("visibilitychange", this.onVisibility);
    this.handlers.onConnection("connecting", null);
    void this.connect();
  }

  close(): void {
    this.closed = true;
    document.removeEventListener("visibilitychange", this.onVisibility);
    for (const timer of [this.flushing, this.retrying, this.hiding]) if (timer) clearTimeout(timer);
    this.drop();
  }

  private async connect(): Promise<void> {
    this.retrying = null;
    this.drop();
    try {
      this.take(await getEvents(this.runId, this.lastId));
    } catch (reason) {
      this.fail(asProblem(reason));
      return;
    }
    if (this.closed || this.source) return;
    this.listen();
  }

  private listen(): void {
    const url = `${BASE}/api/runs/${encodeURIComponent(this.runId)}/events?after=${this.lastId}`;
    const source = new EventSource(url);
    this.source = source;
    source.onopen = () => {
      this.failures = 0;
      this.handlers.onConnection("connected", null);
    };
    source.onmessage = (message: MessageEvent<string>) => this.hear(message);
    source.addEventListener("gone", () => void this.checkGone());
    source.onerror = () => {
      if (this.source !== source) return;
      this.drop();
      this.retry(null);
    };
  }

  private hear(message: MessageEvent<string>): void {
    const event = parse(message.data);
    if (!event) return;
    this.queue.push(event);
    this.flushing ??= setTimeout(this.flush, BATCH_MS);
  }

  private readonly flush = (): void => {
    this.flushing = null;
    const events = this.queue;
    this.queue = [];
    const first = events.find((event) => event.id > this.lastId);
    if (first && first.id > this.lastId + 1) void this.fill(events);
    else this.take(events);
  };

  /** Reads what lies between the last event taken and those that have come. */
  private async fill(events: readonly RunEvent[]): Promise<void> {
    if (this.filling) {
      this.queue = [...events, ...this.queue];
      this.flushing ??= setTimeout(this.flush, BATCH_MS);
      return;
    }
    this.filling = true;
    const missed = await getEvents(this.runId, this.lastId).catch(asProblem);
    this.filling = false;
    if (!(missed instanceof Problem)) this.take([...missed, ...events]);
    else {
      this.drop(); // what came is read again with what is missing
      this.fail(missed);
    }
  }

  private take(events: readonly RunEvent[]): void {
    const fresh: RunEvent[] = [];
    for (const event of events) {
      if (event.id <= this.lastId) continue;
      this.lastId = event.id;
      fresh.push(event);
    }
    if (fresh.length > 0 && !this.closed) this.handlers.onEvents(fresh);
  }

  /** The file of events went away: the run was deleted, or the folder is being moved. */
  private async checkGone(): Promise<void> {
    const problem = await getEvents(this.runId, this.lastId).then(() => null, asProblem);
    if (!problem?.isMissing) return;
    this.drop();
    this.fail(problem);
  }

  private fail(problem: Problem): void {
    if (this.closed) return;
    if (problem.isMissing || problem.status === 410) this.handlers.onConnection("gone", problem);
    else if (problem.status === 401 || problem.status === 403) this.handlers.onConnection("refused", problem);
    else this.retry(problem);
  }

  private retry(problem: Problem | null): void {
    if (this.closed || this.retrying) return;
    this.handlers.onConnection("reconnecting", problem);
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] as number;
    this.failures += 1;
    this.retrying = setTimeout(() => void this.connect(), wait);
  }

  private drop(): void {
    this.source?.close();
    this.source = null;
  }

  private readonly onVisibility = (): void => {
    if (this.hiding) clearTimeout(this.hiding);
    this.hiding = null;
    if (document.hidden) {
      this.hiding = setTimeout(() => {
        if (!this.source) return;
        this.drop();
        this.handlers.onConnection("paused", null);
      }, HIDDEN_MS);
    } else if (!this.source && !this.retrying && !this.closed) {
      this.handlers.onConnection("reconnecting", null);
      void this.connect();
    } else if (this.retrying) {
      clearTimeout(this.retrying);
      this.failures = 0;
      void this.connect();
    }
  };
}

function parse(text: string): RunEvent | null {
  try {
    const value = JSON.parse(text) as RunEvent;
    return typeof value.id === "number" && typeof value.type === "string" ? value : null;
  } catch {
    return null;
  }
}
