import { Clerk } from "@/lib/clerk";
import type { ReadOrder } from "./clerk.worker";
import { readForm, type Form, type Forms, type Reading } from "./reading";

const clerk = new Clerk<ReadOrder, Reading<Forms[Form]>>(() => new Worker(new URL("./clerk.worker.ts", import.meta.url)));

/** Reads one large file beside the main thread, so that scrubbing never waits for JSON; here where there is no worker. */
export async function readBeside<F extends Form>(form: F, url: string, mode: RequestCache): Promise<Reading<Forms[F]>> {
  const whole = typeof window === "undefined" ? url : new URL(url, window.location.href).href; // a worker has another address
  const reading = (await clerk.ask({ form, url: whole, mode })) as Reading<Forms[F]> | null;
  return reading ?? readForm(form, url, mode);
}
