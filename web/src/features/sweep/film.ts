import { asProblem, type Problem } from "@/api/problem";
import { loadPoints, loadWall } from "@/api/wall";
import { ahead } from "@/lib/film";
import { Store } from "@/lib/store";
import { pictureOf, steadyWindow, type Picture, type Window } from "@/lib/sweep/picture";
import type { Calendar, WallFrame, WallPoints } from "@/lib/sweep/wall";

/** What the wall shows now. */
export interface Shown {
  readonly frame: WallFrame;
  readonly picture: Picture;
}

const AT_ONCE = 2;
const MEMORY = 160e6;
const FEWEST = 12;
const OUTGROWN = 0.2;

/** The pictures of a wall: what is asked for comes first, the others after it, and only new ones are fetched. */
export class WallFilm {
  readonly points = new Store<WallPoints | null>(null);
  readonly shown = new Store<Shown | null>(null);
  /** The part of the map that all tiles show; stands still while one scrubs. */
  readonly window = new Store<Window | null>(null);
  readonly problem = new Store<Problem | null>(null);
  private readonly frames = new Map<number, WallFrame>();
  private readonly loading = new Set<number | "latest">();
  /** What could not be read, and which writing of it: a later one is tried again. */
  private readonly failed = new Map<number | "latest" | "points", { readonly key: string; readonly problem: Problem }>();
  private calendar: Calendar | null = null;
  private newest: { readonly frame: WallFrame; readonly key: string } | null = null;
  private measured: WallFrame | null = null;
  private sets = 0;
  private wanted: number | null = null;
  private live = false;
  private closed = false;

  constructor(private readonly sweepId: string) {}

  /** The sweep has these pictures by now. */
  take(calendar: Calendar): void {
    this.calendar = calendar;
    if (calendar.sets > this.sets) void this.loadPoints(calendar.sets);
    this.go();
  }

  /**
   * Shows a step, as soon as it is here.
   *
   * @param live Show every variant at its own newest step instead.
   */
  want(step: number | null, live: boolean): void {
    if (step === this.wanted && live === this.live) return;
    [this.wanted, this.live] = [step, live];
    this.go();
  }

  /** Tries again what could not be read. */
  again(): void {
    this.failed.clear();
    if (this.calendar && !this.points.get()) void this.loadPoints(this.calendar.sets);
    this.go();
  }

  close(): void {
    this.closed = true;
  }

  private go(): void {
    if (this.closed || !this.calendar) return;
    this.show();
    this.tell();
    while (this.loading.size < AT_ONCE) {
      const next = this.next();
      if (next === null) return;
      void this.load(next);
    }
  }

  /** What is wrong with what is asked for; what is merely near it may wait. */
  private tell(): void {
    const at = this.live ? "latest" : this.wanted;
    this.problem.set((this.failed.get("points") ?? (at === null ? undefined : this.failed.get(at)))?.problem ?? null);
  }

  /** What to fetch next: what is asked for, then what lies near it. */
  private next(): number | "latest" | null {
    const { calendar, wanted } = this;
    if (!calendar) return null;
    if (this.live && this.lacks("latest")) return "latest";
    if (wanted === null) return null;
    if (!this.live && this.lacks(wanted)) return wanted;
    const steps = calendar.steps.map(({ step }) => step);
    const last = steps.at(-1);
    if (!this.live && last !== undefined && this.lacks(last)) return last; // the window of all tiles is measured by it
    // While it is live, pictures are written anew all the time: those at hand wait until they are asked for.
    return ahead(steps, wanted, 1, this.room()).find((step) => this.lacks(step) && !(this.live && this.frames.has(step))) ?? null;
  }

  private lacks(at: number | "latest"): boolean {
    const key = this.keyOf(at);
    if (key === null || this.loading.has(at) || this.failed.get(at)?.key === key) return false;
    // The file may be newer than what the calendar says of it.
    return at === "latest" ? this.newest?.key !== key : (this.frames.get(at)?.version ?? -1) < Number(key);
  }

  /** Changes when the picture was written anew; null where there is none. */
  private keyOf(at: number | "latest"): string | null {
    const steps = this.calendar?.steps ?? [];
    if (at !== "latest") return String(steps.find(({ step }) => step === at)?.version ?? "") || null;
    return steps.length === 0 ? null : steps.map(({ step, version }) => `${step}.${version}`).join(" ");
  }

  private async load(at: number | "latest"): Promise<void> {
    const key = this.keyOf(at) ?? "";
    this.loading.add(at);
    try {
      const frame = await loadWall(this.sweepId, at);
      if (at === "latest") this.newest = { frame, key };
      else this.keep(at, frame);
      this.failed.delete(at);
    } catch (reason) {
      this.failed.set(at, { key, problem: asProblem(reason) });
    }
    this.loading.delete(at);
    this.go();
  }

  private keep(step: number, frame: WallFrame): void {
    this.frames.delete(step);
    this.frames.set(step, frame);
    const oldest = [...this.frames.keys()].find((one) => one !== this.wanted);
    if (this.frames.size > this.room() && oldest !== undefined) this.frames.delete(oldest);
  }

  private room(): number {
    const frame = this.frames.values().next().value;
    const bytes = frame ? frame.tiles.reduce((sum, tile) => sum + (tile?.places.byteLength ?? 0), 1) : 1;
    return Math.max(FEWEST, Math.floor(MEMORY / bytes / 2));
  }

  private async loadPoints(sets: number): Promise<void> {
    try {
      const points = await loadPoints(this.sweepId);
      this.sets = Math.max(sets, points.sets.length);
      this.points.set(points);
      this.failed.delete("points");
    } catch (reason) {
      this.failed.set("points", { key: "", problem: asProblem(reason) });
    }
    this.go();
  }

  /** Measures the window by the newest picture; a live one must have outgrown it by much to change it. */
  private measure(points: WallPoints): void {
    const { calendar } = this;
    const frame = this.live ? this.newest?.frame : this.frames.get(calendar?.steps.at(-1)?.step ?? -1);
    if (!calendar || !frame || this.measured === frame) return;
    this.measured = frame;
    const [now, next] = [this.window.get(), steadyWindow(pictureOf(frame, [], points), calendar.bounds, calendar.map)];
    const steady = now && this.live && Math.abs(Math.log(next.reach / now.reach)) < OUTGROWN && Math.hypot(next.x - now.x, next.y - now.y) < now.reach * OUTGROWN;
    if (!steady) this.window.set(next);
  }

  private show(): void {
    const points = this.points.get();
    if (points) this.measure(points);
    const frame = this.live ? this.newest?.frame : this.frames.get(this.wanted ?? -1);
    if (!points || !frame) return;
    const now = this.shown.get();
    const whole = frame.tiles.every((tile) => tile !== null);
    if (now?.frame === frame && (whole || this.live)) return;
    const earlier = [...this.frames.keys()].filter((step) => step < frame.step).sort((a, b) => b - a);
    const before = this.live ? [] : earlier.map((step) => this.frames.get(step) as WallFrame);
    const picture = pictureOf(frame, before, points);
    if (now?.frame === frame && now.picture.shown.every((tile, at) => tile === picture.shown[at])) return;
    this.shown.set({ frame, picture });
  }
}
