"use client";
import { createContext, useContext } from "react";
import type { DatasetInfo } from "@/api/launch";
import type { FieldProblem } from "@/api/problem";
import type { ConfigTree } from "@/lib/config";
import type { FieldOf } from "@/lib/form";

export interface FormTools {
  readonly config: ConfigTree;
  readonly datasets: readonly DatasetInfo[];
  readonly problems: readonly FieldProblem[];
  readonly set: (path: string, value: unknown) => void;
  readonly choose: (field: FieldOf<"union">, kind: string) => void;
}

export const FormContext = createContext<FormTools | null>(null);

export function useForm(): FormTools {
  const tools = useContext(FormContext);
  if (!tools) throw new Error("useForm is for fields inside ConfigForm.");
  return tools;
}
