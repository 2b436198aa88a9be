import { Store } from "./store";

/** Where the one scrubber stands, and how far it can go. */
export interface EpochView {
  /** The epoch that every panel shows. */
  readonly epoch: number;
  /** The newest epoch with something to show. */
  readonly newest: number;
  /** Whether the view follows the newest epoch. */
  readonly following: boolean;
  readonly playing: boolean;
}

const FRAMES_PER_SECOND = 4;
const LONGEST_FILM_SECONDS = 24;

/** The one epoch scrubber: touched, it stands still; following, it moves with the run. */
export class EpochStore extends Store<EpochView> {
  private timer: ReturnType<typeof setInterval> | null = null;

  /** @param pinned Epoch out of the URL; null follows the newest. */
  constructor(pinned: number | null) {
    super({ epoch: pinned ?? 0, newest: 0, following: pinned === null, playing: false });
  }

  /** The run has something to show at a later epoch, or (after a resume) at fewer. */
  grow(newest: number): void {
    this.update((view) => {
      if (view.newest === newest) return view;
      return { ...view, newest, epoch: view.following ? newest : view.epoch };
    });
  }

  /**
   * Brings an epoch out of an old or mistyped address back to where there is something to show.
   *
   * @param last The last epoch that the run has, or will have.
   * @returns The epoch that was asked for, if it lies beyond; else null.
   */
  within(last: number): number | null {
    const { epoch, following } = this.get();
    if (following || epoch <= last) return null;
    this.follow();
    return epoch;
  }

  /** Moves to an epoch and stays there. */
  go(epoch: number): void {
    this.stop();
    this.move(epoch);
  }

  step(by: number): void {
    this.go(this.get().epoch + by);
  }

  /** Follows the newest epoch again. */
  follow(): void {
    this.stop();
    this.update((view) => ({ ...view, following: true, epoch: view.newest }));
  }

  toggle(): void {
    if (this.get().playing) this.stop();
    else this.play();
  }

  /** Plays to the newest epoch; from the start when it stands at the end. */
  play(): void {
    const { epoch, newest } = this.get();
    if (newest === 0 || this.timer !== null) return;
    this.move(epoch >= newest ? 0 : epoch);
    this.update((view) => ({ ...view, playing: true }));
    const rate = Math.max(FRAMES_PER_SECOND, newest / LONGEST_FILM_SECONDS);
    this.timer = setInterval(() => this.tick(), 1000 / rate);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    this.update((view) => (view.playing ? { ...view, playing: false } : view));
  }

  private tick(): void {
    const { epoch, newest } = this.get();
    if (epoch < newest) this.move(epoch + 1);
    if (epoch + 1 >= newest) this.stop();
  }

  private move(epoch: number): void {
    this.update((view) => {
      const kept = Math.max(0, Math.min(view.newest, Math.round(epoch)));
      return kept === view.epoch && !view.following ? view : { ...view, epoch: kept, following: false };
    });
  }
}
