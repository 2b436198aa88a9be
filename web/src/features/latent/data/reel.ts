import { loadFrame } from "@/api/frames";
import type { Bounds } from "@/lib/camera";
import { commonBounds, type MapFrame } from "@/lib/latent/map";
import type { FrameKind } from "@/lib/latent/parsers";
import { fileKey, type RunState } from "@/lib/runState";
import { Store } from "@/lib/store";

type MapKind = Extract<FrameKind, `latent_${string}`>;
type Sized = Pick<MapFrame, "bounds" | "dims">;

const MOST = 64;
const AT_ONCE = 2;

/**
 * The bounds of the whole film: reads the maps of all epochs in the background (of a long run, a
 * spread of them), which also puts them in memory before somebody scrubs there.
 */
export class Reel {
  readonly bounds = new Store<Bounds | null>(null);
  private readonly known = new Map<string, Sized>();
  private readonly asked = new Set<string>();
  private queue: { key: string; epoch: number; revision: number }[] = [];
  private busy = 0;
  private stopped = false;

  constructor(private readonly runId: string, private readonly kind: MapKind) {}

  /** The maps that there are by now, and the one to begin with. */
  grow(run: RunState, epoch: number): void {
    const epochs = spread(run.artifacts[this.kind] ?? [], MOST);
    const near = [...epochs].sort((a, b) => Math.abs(a - epoch) - Math.abs(b - epoch));
    const files = near.map((at) => ({ epoch: at, revision: run.files[fileKey(this.kind, at)]?.revision ?? 0 }));
    const fresh = files.map((file) => ({ ...file, key: `${file.epoch}#${file.revision}` })).filter(({ key }) => !this.asked.has(key));
    for (const { key } of fresh) this.asked.add(key);
    this.queue.push(...fresh);
    this.next();
  }

  /** A map that is shown counts at once. */
  add(frame: MapFrame): void {
    const key = `${frame.epoch}`;
    if (this.known.has(key)) return;
    this.known.set(key, { bounds: frame.bounds, dims: frame.dims });
    if (this.bounds.get() === null) this.settle();
  }

  start(): void {
    this.stopped = false;
    this.next();
  }

  stop(): void {
    this.stopped = true;
  }

  private next(): void {
    while (!this.stopped && this.busy < AT_ONCE && this.queue.length > 0) {
      const { epoch, revision } = this.queue.shift() as { epoch: number; revision: number };
      this.busy += 1;
      void loadFrame({ runId: this.runId, kind: this.kind, epoch, revision })
        .then(({ bounds, dims }) => this.known.set(`${epoch}`, { bounds, dims }))
        .catch(() => undefined) // one damaged map does not move the others
        .finally(() => {
          this.busy -= 1;
          if (this.queue.length === 0 && this.busy === 0) this.settle();
          this.next();
        });
    }
  }

  private settle(): void {
    const bounds = commonBounds([...this.known.values()]);
    if (bounds && JSON.stringify(bounds) !== JSON.stringify(this.bounds.get())) this.bounds.set(bounds);
  }
}

/** At most `most` values, evenly spread, the first and the last among them. */
export function spread(values: readonly number[], most: number): readonly number[] {
  if (values.length <= most) return values;
  return Array.from({ length: most }, (_, at) => values[Math.round((at * (values.length - 1)) / (most - 1))] as number);
}
