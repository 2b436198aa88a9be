import { BASE } from "@/lib/base";
import { parseSweep, parseSweeps, type Sweep, type SweepLine } from "@/lib/sweep/sweep";
import { readWith } from "./frameReader";
import { asProblem, OFFLINE, Problem, toProblem } from "./problem";

const at = (sweepId: string) => `${BASE}/api/sweeps/${encodeURIComponent(sweepId)}`;

/** All sweeps, the newest first. */
export async function listSweeps(): Promise<readonly SweepLine[]> {
  return [...(await read(`${BASE}/api/sweeps`, parseSweeps))].reverse();
}

export function getSweep(sweepId: string): Promise<Sweep> {
  return read(at(sweepId), parseSweep);
}

export function cancelSweep(sweepId: string): Promise<void> {
  return send("POST", `${at(sweepId)}/cancel`);
}

export function resumeSweep(sweepId: string): Promise<void> {
  return send("POST", `${at(sweepId)}/resume`);
}

/** Moves a sweep to the trash, and its runs with it if they are to go too. */
export function trashSweep(sweepId: string, runs: boolean): Promise<void> {
  return send("DELETE", `${at(sweepId)}?runs=${runs}`);
}

async function read<T>(url: string, parse: (value: unknown) => T): Promise<T> {
  const reading = await readWith(parse, url, "no-store");
  if (reading.state === "read") return reading.data;
  if (reading.state === "offline") throw OFFLINE;
  if (reading.state === "damaged") throw new Problem(`The server's answer cannot be read: ${reading.why}.`, 200, "The page and the server may be of different versions: reload the page.");
  throw toProblem(reading.status, reading.body);
}

async function send(method: "POST" | "DELETE", url: string): Promise<void> {
  const options = { method, credentials: "same-origin", headers: { "content-type": "application/json" }, ...(method === "POST" && { body: "{}" }) } as const;
  const response = await fetch(url, options).catch((reason: unknown) => {
    throw asProblem(reason);
  });
  if (!response.ok) throw toProblem(response.status, await response.json().catch(() => null));
}
