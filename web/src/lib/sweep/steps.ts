import { Store } from "../store";

/** Where the one scrubber of a sweep stands. */
export interface StepView {
  /** The step that every tile shows; null before the first picture of the wall. */
  readonly step: number | null;
  /** All steps with a picture, rising. */
  readonly steps: readonly number[];
  /** Whether it follows the newest picture. */
  readonly following: boolean;
  readonly playing: boolean;
}

const FRAMES_PER_SECOND = 6;
const LONGEST_FILM_SECONDS = 20;

/** The scrubber of a sweep: touched, it stands still; following, it moves with the newest picture. */
export class StepStore extends Store<StepView> {
  private timer: ReturnType<typeof setInterval> | null = null;

  /** @param wanted Step out of the address; null follows the newest. */
  constructor(private wanted: number | null) {
    super({ step: null, steps: [], following: wanted === null, playing: false });
  }

  /** The sweep has pictures of these steps. One that was asked for by the address is gone to when it can be. */
  grow(steps: readonly number[]): void {
    const view = this.get();
    if (steps.length === 0 || same(steps, view.steps)) return;
    const kept = this.wanted ?? view.step;
    const step = view.following || kept === null ? (steps.at(-1) as number) : nearestStep(steps, kept);
    this.set({ ...view, steps, step });
  }

  /**
   * Gives up the step of the address once it is known not to come.
   *
   * @param last The last step that any variant has, or will have.
   * @returns The step that was asked for, if it lies beyond; else null.
   */
  within(last: number): number | null {
    const { wanted } = this;
    if (wanted === null || wanted <= last) return null;
    this.wanted = null;
    this.follow();
    return wanted;
  }

  /** Moves to the nearest picture and stays there. */
  go(step: number): void {
    this.stop();
    this.move(nearestStep(this.get().steps, step));
  }

  /** Moves on by so many pictures. */
  by(count: number): void {
    const { steps } = this.get();
    this.stop();
    this.move(steps[Math.max(0, Math.min(steps.length - 1, this.place() + count))]);
  }

  follow(): void {
    this.stop();
    this.wanted = null;
    this.update((view) => ({ ...view, following: true, step: view.steps.at(-1) ?? view.step }));
  }

  toggle(): void {
    if (this.get().playing) this.stop();
    else this.play();
  }

  /** Plays to the newest picture; from the first when it stands at the end. */
  play(): void {
    const { steps } = this.get();
    if (steps.length < 2 || this.timer !== null) return;
    if (this.place() >= steps.length - 1) this.move(steps[0]);
    this.update((view) => ({ ...view, playing: true, following: false }));
    const rate = Math.max(FRAMES_PER_SECOND, steps.length / LONGEST_FILM_SECONDS);
    this.timer = setInterval(() => this.tick(), 1000 / rate);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    this.update((view) => (view.playing ? { ...view, playing: false } : view));
  }

  private tick(): void {
    const { steps } = this.get();
    const next = this.place() + 1;
    if (next < steps.length) this.move(steps[next]);
    if (next >= steps.length - 1) this.stop();
  }

  private place(): number {
    const { step, steps } = this.get();
    return step === null ? 0 : Math.max(0, steps.indexOf(step));
  }

  private move(step: number | undefined): void {
    if (step === undefined) return;
    this.wanted = null;
    this.update((view) => (step === view.step && !view.following ? view : { ...view, step, following: false }));
  }
}

/** The nearest of some rising steps; the step itself where there are none. */
export function nearestStep(steps: readonly number[], step: number): number {
  let best = steps[0] ?? step;
  for (const at of steps) if (Math.abs(at - step) < Math.abs(best - step)) best = at;
  return best;
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((step, at) => step === b[at]);
}
