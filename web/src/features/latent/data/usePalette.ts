"use client";
import { useMemo } from "react";
import { useTheme } from "@/features/session/ThemeToggle";
import { classColors } from "@/lib/ramp";
import { parseHex } from "@/lib/rgb";
import type { Palette } from "../look";

const NAMED = 10;

/** The colors of the theme in force, as numbers for the canvas; they have their home in tokens.css. */
export function usePalette(classes: number): Palette {
  const theme = useTheme();
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement);
    const token = (name: string) => parseHex(style.getPropertyValue(`--${name}`));
    const given = Array.from({ length: NAMED }, (_, at) => token(`class-${at}`));
    return {
      theme,
      classes: classColors(given, Math.max(classes, NAMED), theme),
      plain: token("bar"),
      text: token("text"),
      ground: token("ground"),
      line: token("line"),
    };
  }, [theme, classes]);
}
