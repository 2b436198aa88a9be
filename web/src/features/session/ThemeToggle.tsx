"use client";
import { useSyncExternalStore } from "react";
import { IconButton } from "@/ui/Button";
import { MoonIcon, SunIcon } from "@/ui/icons";

function subscribe(listener: () => void): () => void {
  window.addEventListener("latelier-theme", listener);
  return () => window.removeEventListener("latelier-theme", listener);
}

export type Theme = "dark" | "light";

/** The theme in force; charts read their colors anew when it changes. */
export function useTheme(): Theme {
  const read = (): Theme => (document.documentElement.dataset.theme === "light" ? "light" : "dark");
  return useSyncExternalStore(subscribe, read, () => "dark");
}

export function ThemeToggle() {
  const theme = useTheme();
  const other = theme === "dark" ? "light" : "dark";
  return (
    <IconButton label={`Switch to ${other}`} onClick={() => choose(other)}>
      {theme === "dark" ? <SunIcon /> : <MoonIcon />}
    </IconButton>
  );
}

function choose(theme: Theme): void {
  try {
    window.localStorage.setItem("latelier-theme", theme);
  } catch {
    // Private windows may refuse; the choice then lasts as long as the page.
  }
  document.documentElement.dataset.theme = theme;
  window.dispatchEvent(new Event("latelier-theme"));
}
