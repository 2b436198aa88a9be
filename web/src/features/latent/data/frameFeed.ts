import { loadFrame, peekFrame } from "@/api/frames";
import { asProblem } from "@/api/problem";
import type { Session } from "@/features/session/session";
import { ahead } from "@/lib/film";
import type { FrameKind, FrameTypes } from "@/lib/latent/parsers";
import { fileKey, nearestEpoch } from "@/lib/runState";
import { Store } from "@/lib/store";
import type { LoadedFrame } from "./useFrame";

/**
 * The artifact of the very epoch at which the scrubber stands. It listens to the scrubber itself: one
 * move of it is one change here, and none while the next file is on its way, so that whoever draws
 * works once an epoch.
 */
export class FrameFeed<K extends FrameKind> extends Store<LoadedFrame<FrameTypes[K]>> {
  private asked = "";
  private last: number;
  private stopped = true;

  /** @param reach How many epochs around this one to load before they are asked for. */
  constructor(private readonly session: Session, private readonly kind: K, private readonly reach: number) {
    super({ data: null, epoch: null, problem: null, state: "loading" });
    this.last = session.epoch.get().epoch;
  }

  /** Starts listening; the answer stops it. */
  open(): () => void {
    this.stopped = false;
    const { epoch, run, link } = this.session;
    const leave = [epoch.subscribe(() => this.look()), run.subscribe(() => this.look()), link.subscribe(() => this.retry())];
    this.look();
    return () => {
      this.stopped = true;
      for (const stop of leave) stop();
    };
  }

  private look(): void {
    const { epoch } = this.session.epoch.get();
    const run = this.session.run.get();
    const at = nearestEpoch(run, this.kind, epoch);
    if (at === null) {
      this.asked = "";
      if (this.get().state !== "none") this.set({ data: null, epoch: null, problem: null, state: "none" });
      return;
    }
    const address = this.address(at);
    const key = `${at}#${address.revision}`;
    if (key === this.asked) return;
    this.asked = key;
    const known = peekFrame(address);
    if (known) this.set({ data: known, epoch: at, problem: null, state: "ready" });
    else this.load(at, key);
    this.prefetch(epoch);
  }

  private load(at: number, key: string): void {
    const { data, epoch } = this.get();
    if (!data) this.set({ data, epoch, problem: null, state: "loading" });
    loadFrame(this.address(at)).then(
      (loaded) => this.isCurrent(key) && this.set({ data: loaded, epoch: at, problem: null, state: "ready" }),
      (reason: unknown) => this.isCurrent(key) && this.update((before) => ({ ...before, problem: asProblem(reason), state: "failed" })),
    );
  }

  private isCurrent(key: string): boolean {
    return !this.stopped && key === this.asked;
  }

  /** A file that found no server is asked for again when the connection changes. */
  private retry(): void {
    if (!this.get().problem?.isOffline) return;
    this.asked = "";
    this.look();
  }

  private prefetch(epoch: number): void {
    const direction = epoch < this.last ? -1 : 1;
    this.last = epoch;
    const epochs = this.session.run.get().artifacts[this.kind] ?? [];
    for (const at of ahead(epochs, epoch, direction, this.reach)) {
      loadFrame(this.address(at)).catch(() => undefined); // told when it is shown
    }
  }

  private address(at: number) {
    const { session, kind } = this;
    const revision = session.run.get().files[fileKey(kind, at)]?.revision ?? 0;
    return { runId: session.runId, kind, epoch: at, revision };
  }
}
