import { asProblem, type Problem } from "@/api/problem";
import { getRun, type RunDetail } from "@/api/runs";
import { RunStream, type Connection } from "@/api/stream";
import { EpochStore } from "@/lib/epoch";
import { reduceEvents } from "@/lib/events";
import { passesOf } from "@/lib/moments";
import { EMPTY_RUN, isOver, newestEpoch, type RunState } from "@/lib/runState";
import { Store } from "@/lib/store";
import { readAmount, writeParams } from "@/lib/url";
import type { RunEvent } from "@/lib/wire";
import { toast } from "@/ui/Toast";

export interface Link {
  readonly connection: Connection;
  readonly problem: Problem | null;
}

/** One open run: its state, its details, its stream and its scrubber. Lives as long as the page. */
export class Session {
  readonly run = new Store<RunState>(EMPTY_RUN);
  readonly detail = new Store<RunDetail | null>(null);
  readonly link = new Store<Link>({ connection: "connecting", problem: null });
  readonly epoch: EpochStore;
  private readonly stream: RunStream;
  private asked = 0;

  constructor(readonly runId: string) {
    this.epoch = new EpochStore(readAmount("epoch"));
    this.stream = new RunStream(runId, {
      onEvents: (events) => this.take(events),
      onConnection: (connection, problem) => this.link.set({ connection, problem }),
    });
  }

  /** Starts listening; the answer stops it. */
  open(): () => void {
    this.stream.open();
    void this.refresh();
    const stopUrl = this.epoch.subscribe(() => {
      const { epoch, at, inside, following } = this.epoch.get();
      writeParams({ epoch: following ? null : String(inside ? Number(at.toFixed(6)) : epoch) });
    });
    return () => {
      stopUrl();
      this.epoch.stop();
      this.stream.close();
    };
  }

  /** Reads name, tags, configuration and checkpoints again. */
  async refresh(): Promise<void> {
    const asked = ++this.asked;
    try {
      const detail = await getRun(this.runId);
      if (asked === this.asked) this.detail.set(detail); // only the newest answer counts
    } catch (reason) {
      const problem = asProblem(reason);
      if (problem.isMissing) this.link.set({ connection: "gone", problem });
    }
  }

  /** An epoch in the address that this run does not have is told, not shown as an empty page. */
  private bound(run: RunState): void {
    const newest = newestEpoch(run);
    const last = isOver(run.status) ? newest : run.totalEpochs === null ? Infinity : Math.max(run.totalEpochs, newest);
    const beyond = this.epoch.within(last);
    if (beyond === null) return;
    const end = isOver(run.status) ? `ends with epoch ${last}` : `is planned to end with epoch ${last}`;
    toast(`There is no epoch ${beyond}: this run ${end}. You see the newest.`);
  }

  private take(events: readonly RunEvent[]): void {
    const run = reduceEvents(this.run.get(), events);
    this.run.set(run);
    this.epoch.measure(passesOf(run) ?? Infinity);
    this.epoch.grow(newestEpoch(run));
    this.bound(run);
    const turned = events.some(({ type }) => type.startsWith("run."));
    const shelved = events.some((event) => event.type === "artifact.created" && event.data.kind === "checkpoint");
    if (this.detail.get() && (turned || shelved)) void this.refresh();
  }
}
