/**
 * Draws with the pictures of the screen: once for all that was changed since the last one, and again
 * as long as something is on its way. What it has come to is told on the host.
 */
export class Pulse {
  private raf = 0;

  /** @param paint Draws one picture; answers whether something moves, null where there is nothing to draw yet. */
  constructor(private readonly host: HTMLElement, private readonly paint: (now: number) => boolean | null) {}

  /** Whether a picture is to come. */
  get isDue(): boolean {
    return this.raf !== 0;
  }

  /** Draws with the next picture of the screen. */
  draw(): void {
    if (this.raf === 0) this.raf = requestAnimationFrame((now) => this.tick(now));
  }

  /** The same, and says at once that something moves: what the host tells of is not on the screen yet. */
  begin(): void {
    this.host.dataset.moving = "true";
    this.draw();
  }

  /** Draws now: a canvas is empty after it was resized. */
  drawAtOnce(): void {
    this.picture(performance.now());
  }

  stop(): void {
    cancelAnimationFrame(this.raf);
    this.raf = -1;
  }

  private tick(now: number): void {
    this.raf = 0;
    if (this.picture(Math.max(now, performance.now()))) this.draw();
  }

  private picture(now: number): boolean {
    const moving = this.paint(now);
    if (moving !== null) this.tell(moving);
    return moving ?? false;
  }

  /** For whoever waits for the picture; written only when it changes, for styles look at it. */
  private tell(moving: boolean): void {
    const { dataset } = this.host;
    if (dataset.ready !== "true") dataset.ready = "true";
    if (dataset.moving !== String(moving)) dataset.moving = String(moving);
  }
}
