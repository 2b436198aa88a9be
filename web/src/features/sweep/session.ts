import { asProblem, type Problem } from "@/api/problem";
import { getSweep } from "@/api/sweeps";
import { Store } from "@/lib/store";
import { StepStore } from "@/lib/sweep/steps";
import { isEnded, type Sweep } from "@/lib/sweep/sweep";
import { readCount, writeParams } from "@/lib/url";
import { toast } from "@/ui/Toast";
import { WallFilm } from "./film";

const BUSY_MS = 1000;
const IDLE_MS = 10_000;

/** What the pointer is over. */
export interface Pointed {
  /** Index of the variant. */
  readonly tile: number;
  /** Place of the point in the list of points; null beside all points. */
  readonly at: number | null;
  /** Where the pointer is in the window. */
  readonly x: number;
  readonly y: number;
}

/** One open sweep: what the server tells of it, its pictures and its scrubber. Lives as long as the page. */
export class SweepSession {
  readonly sweep = new Store<Sweep | null>(null);
  readonly problem = new Store<Problem | null>(null);
  readonly steps = new StepStore(readCount("step"));
  readonly pointed = new Store<Pointed | null>(null);
  readonly film: WallFilm;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  private told = "";
  private closed = false;

  constructor(readonly sweepId: string) {
    this.film = new WallFilm(sweepId);
  }

  /** Starts looking; the answer stops it. */
  open(): () => void {
    const stopSteps = this.steps.subscribe(() => this.stepped());
    const onVisibility = () => void (document.hidden || this.refresh());
    document.addEventListener("visibilitychange", onVisibility);
    void this.refresh();
    return () => {
      this.closed = true;
      clearTimeout(this.timer);
      document.removeEventListener("visibilitychange", onVisibility);
      stopSteps();
      this.steps.stop();
      this.film.close();
    };
  }

  /** The pointer is over this; nothing is told while it stays over the same. */
  point(pointed: Pointed | null): void {
    const now = this.pointed.get();
    if (now?.tile === pointed?.tile && now?.at === pointed?.at) return;
    this.pointed.set(pointed);
  }

  /** Looks at the sweep: often while something can come of it, seldom else, never while the page is hidden. */
  readonly refresh = async (): Promise<void> => {
    clearTimeout(this.timer);
    const asked = ++this.asked;
    try {
      const sweep = await getSweep(this.sweepId);
      if (asked !== this.asked || this.closed) return; // only the newest answer counts
      const back = this.problem.get() !== null;
      this.problem.set(null);
      this.take(sweep);
      if (back) this.film.again();
    } catch (reason) {
      if (asked !== this.asked || this.closed) return;
      this.problem.set(asProblem(reason));
    }
    const sweep = this.sweep.get();
    const missing = this.problem.get()?.isMissing === true;
    const pace = missing || (sweep && isEnded(sweep.state) && sweep.queued === null) ? IDLE_MS : BUSY_MS;
    if (!document.hidden) this.timer = setTimeout(() => void this.refresh(), pace);
  };

  private take(sweep: Sweep): void {
    const told = JSON.stringify(sweep);
    if (told === this.told) return;
    this.told = told;
    this.sweep.set(sweep);
    if (!sweep.wall) return;
    this.steps.grow(sweep.wall.steps.map(({ step }) => step));
    this.bound(sweep);
    this.aim();
    this.film.take(sweep.wall);
  }

  /** A step in the address that this sweep does not have is told, not shown as an empty page. */
  private bound({ state, variants, wall }: Sweep): void {
    const newest = wall?.steps.at(-1)?.step ?? 0;
    const planned = variants.map(({ totalSteps }) => totalSteps);
    const last = isEnded(state) ? newest : planned.includes(null) ? Infinity : Math.max(newest, ...planned.map((steps) => steps ?? 0));
    const beyond = this.steps.within(last);
    if (beyond !== null) toast(`There is no step ${beyond}: the wall ends with step ${last}. You see the newest.`);
  }

  private stepped(): void {
    const { step, following } = this.steps.get();
    writeParams({ step: following ? null : String(step) });
    this.aim();
  }

  /** Following a sweep that goes on, every variant is shown at its own newest step. */
  private aim(): void {
    const { step, following } = this.steps.get();
    const sweep = this.sweep.get();
    this.film.want(step, following && sweep !== null && !isEnded(sweep.state));
  }
}
