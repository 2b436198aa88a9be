import { Store } from "./store";

/** Where the one scrubber stands, and how far it can go. */
export interface EpochView {
  /** The epoch that every panel shows. */
  readonly epoch: number;
  /** Where that is on the axis of epochs: at its end, or at a moment inside the next one. */
  readonly at: number;
  /** Whether it stands inside an epoch. */
  readonly inside: boolean;
  /** The newest epoch with something to show. */
  readonly newest: number;
  /** Whether the view follows the newest epoch. */
  readonly following: boolean;
  readonly playing: boolean;
  /** Whether there is something to show inside epochs, so that it stops there too. */
  readonly fine: boolean;
}

/** A place to stand at. */
type Place = Pick<EpochView, "epoch" | "at" | "inside">;

const FRAMES_PER_SECOND = 4;
const LONGEST_FILM_SECONDS = 24;

/** The one epoch scrubber: touched, it stands still; following, it moves with the run. */
export class EpochStore extends Store<EpochView> {
  private timer: ReturnType<typeof setInterval> | null = null;
  /** Places inside epochs, rising. */
  private stops: readonly number[] = [];
  /** What all updates of the run are worth: its last epoch may be a part of one. */
  private passes = Infinity;

  /** @param pinned Epoch out of the URL, with the share of the next one; null follows the newest. */
  constructor(pinned: number | null) {
    const [at, epoch] = [pinned ?? 0, Math.floor(pinned ?? 0)];
    super({ epoch, at, inside: at !== epoch, newest: 0, following: pinned === null, playing: false, fine: false });
  }

  /** The run has something to show at a later epoch, or (after a resume) at fewer. */
  grow(newest: number): void {
    this.update((view) => (view.newest === newest ? view : this.settled({ ...view, newest })));
  }

  /** How many epochs all updates of the run are worth. */
  measure(passes: number): void {
    if (passes === this.passes) return;
    this.passes = passes;
    this.update((view) => this.settled(view));
  }

  /**
   * Sets the places inside epochs at which there is something to show; none brings it back to whole
   * epochs. A place of the address stays, also before it has come.
   */
  stopAt(stops: readonly number[]): void {
    this.stops = stops;
    this.update((view) => {
      const fine = stops.length > 0;
      const kept = fine ? {} : { at: this.end(view.epoch), inside: false };
      return this.settled({ ...view, ...kept, fine });
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

  /** Moves to the place nearest to one on the axis, and stays there. */
  go(at: number): void {
    const places = this.places();
    this.stop();
    this.move(places[nearest(places, at)]);
  }

  /** Moves on by so many places. */
  step(by: number): void {
    const places = this.places();
    const here = nearest(places, this.get().at);
    this.stop();
    this.move(places[Math.max(0, Math.min(places.length - 1, here + by))]);
  }

  /** Follows the newest epoch again. */
  follow(): void {
    this.stop();
    this.update((view) => this.settled({ ...view, following: true }));
  }

  toggle(): void {
    if (this.get().playing) this.stop();
    else this.play();
  }

  /** Plays to the newest place; from the start when it stands at the end. */
  play(): void {
    const { at, newest } = this.get();
    const places = this.places();
    if (newest === 0 || this.timer !== null) return;
    const here = nearest(places, at);
    this.move(places[here >= places.length - 1 ? 0 : here]);
    this.update((view) => ({ ...view, playing: true }));
    const rate = Math.max(FRAMES_PER_SECOND, (places.length - 1) / LONGEST_FILM_SECONDS);
    this.timer = setInterval(() => this.tick(), 1000 / rate);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    this.update((view) => (view.playing ? { ...view, playing: false } : view));
  }

  private tick(): void {
    const places = this.places();
    const next = nearest(places, this.get().at) + 1;
    if (next < places.length) this.move(places[next]);
    if (next >= places.length - 1) this.stop();
  }

  private move(place: Place | undefined): void {
    if (!place) return;
    const { epoch, at, inside } = place;
    this.update((view) => (at === view.at && epoch === view.epoch && !view.following ? view : { ...view, epoch, at, inside, following: false }));
  }

  /** A view that follows stands at the newest place; a whole epoch stands at its end. */
  private settled(view: EpochView): EpochView {
    if (view.following) return { ...view, ...(this.places(view.newest).at(-1) as Place) };
    return view.inside ? view : { ...view, at: this.end(view.epoch) };
  }

  private end(epoch: number): number {
    return Math.min(epoch, this.passes);
  }

  /** Every place to stand at, in order: the ends of epochs, and what lies inside. */
  private places(newest = this.get().newest): readonly Place[] {
    const ends = Array.from({ length: newest + 1 }, (_, epoch) => ({ epoch, at: this.end(epoch), inside: false }));
    if (this.stops.length === 0) return ends;
    const within = this.stops.map((at) => ({ epoch: Math.min(Math.floor(at), newest), at, inside: true }));
    return [...ends, ...within].sort((a, b) => a.at - b.at);
  }
}

function nearest(places: readonly Place[], at: number): number {
  let best = 0;
  places.forEach((place, index) => {
    if (Math.abs(place.at - at) < Math.abs((places[best] as Place).at - at)) best = index;
  });
  return best;
}
