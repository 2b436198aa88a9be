/// <reference lib="webworker" />
import { serve } from "@/lib/clerk";
import { buffersOf, readForm, type Form } from "./reading";

/** Which file is to be read. */
export interface ReadOrder {
  readonly form: Form;
  readonly url: string;
  readonly mode: RequestCache;
}

serve(self as unknown as DedicatedWorkerGlobalScope, ({ form, url, mode }: ReadOrder) => readForm(form, url, mode), (reading) => buffersOf(reading));
