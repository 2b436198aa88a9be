import { computationEnd } from "@/api/computationEnd";
import { cancelComputation, listComputations, requestArtifact, type Computation } from "@/api/computations";
import { asProblem, type Problem } from "@/api/problem";
import type { Session } from "@/features/session/session";
import { withArtifacts } from "@/lib/latent/made";
import { Store } from "@/lib/store";

/** How far the making of some artifacts is. */
export interface Progress {
  readonly state: "idle" | "running" | "done" | "failed";
  /** Share that is done; null while that is not known. */
  readonly done: number | null;
  readonly message: string;
  readonly problem: Problem | null;
}

const IDLE: Progress = { state: "idle", done: null, message: "", problem: null };

/** Some artifacts of one epoch that somebody asks for, one after another; goes on while nobody looks. */
export class Making extends Store<Progress> {
  private id: string | null = null;
  private cancelled = false;

  constructor(private readonly session: Session, readonly kinds: readonly string[], readonly epoch: number) {
    super(IDLE);
  }

  /** Asks for them, unless they are on their way; answers whether they are there now. */
  async start(): Promise<boolean> {
    if (this.get().state === "running") return false;
    return this.follow(async () => {
      for (const kind of this.kinds) {
        if (this.cancelled) return;
        this.id = await requestArtifact(this.session.runId, kind, this.epoch);
        if (this.id !== null) await this.wait(this.id);
      }
    });
  }

  /** Goes on with what was asked for before this page was opened; answers whether it is there now. */
  async join(): Promise<boolean> {
    if (this.get().state !== "idle") return false;
    const found = (await listComputations(this.session.runId).catch(() => [])).find((one) => this.isOurs(one));
    if (!found || this.get().state !== "idle") return false;
    this.id = found.id;
    return this.follow(() => this.wait(found.id));
  }

  async cancel(): Promise<void> {
    this.cancelled = true;
    if (this.id !== null) await cancelComputation(this.id).catch(() => undefined); // it may have ended
  }

  private isOurs({ what, keys, state }: Computation): boolean {
    return (state === "waiting" || state === "running") && this.kinds.includes(what) && keys.epoch === this.epoch;
  }

  private async follow(work: () => Promise<void>): Promise<boolean> {
    this.cancelled = false;
    this.set({ ...IDLE, state: "running" });
    try {
      await work();
      await learn(this.session);
      this.set(this.cancelled ? IDLE : { ...IDLE, state: "done", done: 1 });
    } catch (reason) {
      this.set(this.cancelled ? IDLE : { ...IDLE, state: "failed", problem: asProblem(reason) });
    } finally {
      this.id = null;
    }
    return this.get().state === "done";
  }

  private async wait(id: string): Promise<void> {
    const isThere = await computationEnd(id, ({ state, done, message }) => {
      const waits = state === "waiting";
      this.set({ ...IDLE, state: "running", done: waits ? null : done, message: waits ? "waiting for its turn" : message });
      return true;
    });
    if (!isThere) this.cancelled = true;
  }
}

/** Takes note of what is there by now, also of what no event told of. */
async function learn(session: Session): Promise<void> {
  await session.refresh();
  const groups = session.detail.get()?.artifacts ?? [];
  const plain = groups.filter(({ keys, epochs }) => epochs.length > 0 && Object.keys(keys).length === 0);
  session.run.update((run) => withArtifacts(run, plain));
}

const shelves = new WeakMap<Session, Map<string, Making>>();

/** The making of these kinds at this epoch: the same one for everybody who asks. */
export function makingOf(session: Session, kinds: readonly string[], epoch: number): Making {
  const shelf = shelves.get(session) ?? new Map<string, Making>();
  shelves.set(session, shelf);
  const key = `${kinds.join()}@${epoch}`;
  const known = shelf.get(key);
  if (known) return known;
  const made = new Making(session, kinds, epoch);
  shelf.set(key, made);
  return made;
}
