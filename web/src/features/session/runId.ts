"use client";
import { createContext, useContext } from "react";

export const RunIdContext = createContext<string | null>(null);

/** The id of the run in the address. Never read it with useParams: that is the placeholder's. */
export function useRunId(): string {
  const id = useContext(RunIdContext);
  if (id === null) throw new Error("useRunId is for screens below /runs/<id>.");
  return id;
}
