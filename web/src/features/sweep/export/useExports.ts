"use client";
import { wallPicture } from "@/charts/wall/page";
import { usePalette } from "@/features/latent/data/usePalette";
import { wallLook } from "../wall/look";
import { numberText } from "../wall/Tiles";
import { arrange } from "@/lib/sweep/arrange";
import { codesOf } from "@/lib/sweep/codes";
import { numberWriter } from "@/lib/sweep/digits";
import { legendLines } from "@/lib/sweep/legend";
import { commonWindow, ownWindow, reachOf, tilePlaces } from "@/lib/sweep/picture";
import { hasFront, tableCsv } from "@/lib/sweep/table";
import { css } from "@/lib/rgb";
import { toast } from "@/ui/Toast";
import { useMetric, useShown, useStore, useSweep, useSweepPage } from "../context";
import { save } from "./save";

const WIDTH = 1440;
const HEIGHT = 810;

/** What can be taken along: the wall as a picture, the metrics as a table. */
export function useExports() {
  const { session, look } = useSweepPage();
  const sweep = useSweep();
  const metric = useMetric();
  const some = useShown((shown) => shown !== null);
  const points = useStore(session.film.points);
  const palette = usePalette(points?.labels ? Math.max(...points.labels) + 1 : 0);
  const savePng = () => {
    const shown = session.film.shown.get();
    if (!shown || !points || !sweep.wall) return;
    const { frame, picture } = shown;
    const { map, bounds } = sweep.wall;
    const spread = arrange(sweep.layout, sweep.variants, { width: WIDTH, height: HEIGHT });
    const codes = codesOf(sweep.variants.map(({ name }) => name), sweep.parts, spread.size);
    const common = session.film.window.get() ?? commonWindow(bounds, map);
    const write = numberWriter(sweep.variants.map(({ metrics }) => (metric === null ? null : metrics[metric])));
    const front = new Set(hasFront(sweep.directions) ? sweep.pareto : []);
    const style = getComputedStyle(document.documentElement);
    const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const canvas = wallPicture({
      spread,
      picture,
      windows: picture.shown.map((_, at) => (look.scale === "fit" ? (ownWindow(tilePlaces(picture, at), map) ?? common) : common)),
      look: wallLook(points, look.color, new Set(look.selected), palette),
      circle: map !== "pca",
      title: `${sweep.name}, step ${frame.step}`,
      foot: `${sweep.id} · wall/step_${frame.step}.json`,
      legend: [...legendLines(sweep, metric, look.scale), codes.parts.map((part) => part.join(" ")).join("   ")],
      names: sweep.variants.map(({ name, index }) => `${sweep.layout.kind === "grid" ? "" : codes.nameOf(name)}${front.has(index) ? " ◆" : ""}`),
      numbers: sweep.variants.map((variant, at) => numberText(metric, variant, picture.shown[at] ?? null, write)),
      cut: picture.shown.map((_, at) => look.scale === "common" && reachOf(tilePlaces(picture, at), common) > common.reach),
      colors: { ground: css(palette.ground), surface: token("surface"), line: token("line"), text: css(palette.text), second: token("text-2"), plain: css(palette.plain) },
      rim: palette.theme === "dark" ? 127 : 104,
      font: getComputedStyle(document.body).fontFamily,
    });
    canvas.toBlob((blob) => (blob ? save(`${sweep.id}-step-${frame.step}.png`, blob) : toast("The browser could not make the picture.", null, "error")), "image/png");
  };
  const saveCsv = () => save(`${sweep.id}-metrics.csv`, new Blob([tableCsv(sweep)], { type: "text/csv;charset=utf-8" }));
  return { savePng, saveCsv, canSave: some && points !== null };
}
