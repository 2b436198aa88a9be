import type { components } from "@/api/schema";

type Schemas = components["schemas"];

/** Everything that can stand on one line of a run's events; generated from the server's models. */
export type RunEvent = Schemas["EventsPage"]["events"][number];
export type EventOf<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;

/** Fails to compile where a switch over a union has lost a case. */
export function unreachable(value: never): void {
  void value;
}
