import type { Viewport } from "@/lib/camera";

const MOST_RATIO = 2;

/** Draws points on a canvas of its own. */
interface Renderer {
  readonly kind: "webgl2" | "canvas";
  readonly canvas: HTMLCanvasElement;
  dispose(): void;
}

/** The two ways to draw points: with the graphics card, which may throw, and without. */
interface Makers<R> {
  readonly card: (canvas: HTMLCanvasElement) => R;
  readonly plain: (canvas: HTMLCanvasElement) => R;
}

/**
 * The canvases of a map or of a wall of maps: layers under, points, layers over. Points are drawn with
 * WebGL2; where there is none, or while it is lost, without, and the reason is told.
 */
export class Screens<R extends Renderer> {
  points: R;
  readonly pens: Readonly<Record<"under" | "over", CanvasRenderingContext2D>>;
  private view: Viewport = { width: 0, height: 0 };
  private closed = false;

  constructor(
    private readonly host: HTMLElement,
    private readonly makers: Makers<R>,
    private readonly onReason: (reason: string | null) => void,
    private readonly redraw: () => void,
  ) {
    const under = pen(host, "under");
    this.points = this.open();
    this.pens = { under, over: pen(host, "over") };
  }

  get ratio(): number {
    return Math.min(MOST_RATIO, window.devicePixelRatio || 1);
  }

  /** The pen of the layers under or over the points, on a clean canvas, in CSS pixels. */
  cleared(place: "under" | "over"): CanvasRenderingContext2D {
    const pen = this.pens[place];
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, this.view.width, this.view.height);
    return pen;
  }

  resize(view: Viewport): void {
    this.view = view;
    for (const canvas of [this.pens.under.canvas, this.points.canvas, this.pens.over.canvas]) this.fit(canvas);
  }

  private fit(canvas: HTMLCanvasElement): void {
    canvas.width = Math.max(1, Math.round(this.view.width * this.ratio));
    canvas.height = Math.max(1, Math.round(this.view.height * this.ratio));
  }

  private open(): R {
    const canvas = add(this.host, "points");
    try {
      const renderer = this.makers.card(canvas);
      canvas.addEventListener("webglcontextlost", (event) => {
        event.preventDefault();
        if (this.closed) return;
        this.swap(() => this.plain("The graphics card was lost. The map is drawn without it until it is back."));
        canvas.addEventListener("webglcontextrestored", () => this.swap(() => this.open()), { once: true });
      }, { once: true });
      this.host.dataset.renderer = renderer.kind;
      this.onReason(null);
      return renderer;
    } catch (reason) {
      canvas.remove();
      const why = reason instanceof Error ? reason.message : "WebGL2 failed.";
      return this.plain(`${why} The map is drawn without it, slower with many points.`);
    }
  }

  private plain(reason: string): R {
    const renderer = this.makers.plain(add(this.host, "points"));
    this.host.dataset.renderer = renderer.kind;
    this.onReason(reason);
    return renderer;
  }

  private swap(make: () => R): void {
    const old = this.points;
    this.points = make();
    this.host.insertBefore(this.points.canvas, this.pens.over.canvas);
    this.fit(this.points.canvas);
    // A lost canvas stays in memory, out of sight: it is the one that hears when the card is back.
    old.canvas.remove();
    this.redraw();
  }

  dispose(): void {
    this.closed = true;
    this.points.dispose();
    this.host.replaceChildren();
  }
}

function add(host: HTMLElement, name: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.dataset.layer = name;
  canvas.setAttribute("aria-hidden", "true");
  host.append(canvas);
  return canvas;
}

function pen(host: HTMLElement, name: string): CanvasRenderingContext2D {
  const context = add(host, name).getContext("2d");
  if (!context) throw new Error("This browser gives no canvas.");
  return context;
}
