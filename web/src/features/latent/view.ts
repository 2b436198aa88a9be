import { pinText, readPin, type Pin } from "@/lib/latent/pin";
import { readSelection, selectionText } from "@/lib/latent/selection";
import { Store } from "@/lib/store";
import { readCount, readParam, writeParams } from "@/lib/url";

/** What the explorer shows, and how; all of it is in the address. */
export interface LatentView {
  readonly dims: 2 | 3;
  readonly method: "pca" | "umap";
  /** Id of a color choice. */
  readonly color: string;
  /** dataset_idx of the point in focus. */
  readonly focus: number | null;
  /** dataset_idx of the point that an interpolation from the focus leads to; null for the nearest. */
  readonly to: number | null;
  /** dataset_idx of the points that stand out; none when nothing is selected. */
  readonly selected: readonly number[];
  readonly k: number;
  readonly edges: "top" | "extent";
  /** Classes that are dimmed, of those that the color shows. */
  readonly hidden: readonly number[];
  /** Whether every epoch is drawn at the scale of the whole run, or as large as it fits. */
  readonly fit: "run" | "epoch";
  /** A place of the 2-D map that is decoded; null for none. */
  readonly pin: Pin | null;
  /** Overlays that are not as they are at first. */
  readonly overlays: Readonly<Record<string, boolean>>;
}

export const FIRST_VIEW: LatentView = {
  dims: 2,
  method: "pca",
  color: "label",
  focus: null,
  to: null,
  selected: [],
  k: 10,
  edges: "top",
  hidden: [],
  fit: "run",
  pin: null,
  overlays: {},
};

export const MOST_NEIGHBORS = 100;

/** Reads a view out of parameters; what cannot be read is as at first. */
export function readView(read: (name: string) => string | null): LatentView {
  const count = (name: string) => (/^\d{1,9}$/.test(read(name) ?? "") ? Number(read(name)) : null);
  const hidden = (read("hide") ?? "").split(".").filter((item) => /^\d{1,6}$/.test(item));
  const color = read("color") ?? "";
  const overlays = (read("overlays") ?? "").split(".").filter((item) => /^-?[a-z]{1,24}$/.test(item));
  return {
    dims: read("dims") === "3" ? 3 : 2,
    method: read("method") === "umap" ? "umap" : "pca",
    color: /^[a-z0-9]{1,24}$/.test(color) ? color : FIRST_VIEW.color,
    focus: count("focus"),
    to: count("to"),
    selected: readSelection(read("select")),
    k: Math.max(1, Math.min(MOST_NEIGHBORS, count("k") ?? FIRST_VIEW.k)),
    edges: read("edges") === "extent" ? "extent" : "top",
    hidden: hidden.map(Number),
    fit: read("fit") === "epoch" ? "epoch" : "run",
    pin: readPin(read("pin")),
    overlays: Object.fromEntries(overlays.map((item) => [item.replace("-", ""), !item.startsWith("-")])),
  };
}

/** The parameters of a view; null takes one out, so that an address says only what is special. */
export function viewParams(view: LatentView): Readonly<Record<string, string | null>> {
  const unless = (usual: unknown, value: string | number) => (value === usual ? null : String(value));
  const overlays = Object.entries(view.overlays).map(([id, on]) => (on ? id : `-${id}`));
  return {
    dims: unless(FIRST_VIEW.dims, view.dims),
    method: unless(FIRST_VIEW.method, view.method),
    color: unless(FIRST_VIEW.color, view.color),
    focus: view.focus === null ? null : String(view.focus),
    to: view.to === null ? null : String(view.to),
    select: selectionText(view.selected),
    k: unless(FIRST_VIEW.k, view.k),
    edges: unless(FIRST_VIEW.edges, view.edges),
    hide: view.hidden.length === 0 ? null : view.hidden.join("."),
    fit: unless(FIRST_VIEW.fit, view.fit),
    pin: pinText(view.pin),
    overlays: overlays.length === 0 ? null : overlays.join("."),
  };
}

export class ViewStore extends Store<LatentView> {
  constructor() {
    super(readView((name) => (name === "focus" || name === "to" || name === "k" ? (readCount(name)?.toString() ?? null) : readParam(name))));
  }

  readonly change = (changes: Partial<LatentView>): void => {
    const recolored = changes.color !== undefined && changes.color !== this.get().color;
    const refocused = changes.focus !== undefined && changes.focus !== this.get().focus;
    const remapped = (changes.method ?? this.get().method) !== this.get().method || (changes.dims ?? this.get().dims) !== this.get().dims;
    this.update((view) => ({ ...view, ...(recolored && { hidden: [] }), ...(refocused && { to: null }), ...(remapped && { pin: null }), ...changes }));
    writeParams(viewParams(this.get()));
  };
}
