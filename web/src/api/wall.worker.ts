/// <reference lib="webworker" />
import { parseFrame } from "@/lib/sweep/wall";
import { buffersOf, readWith } from "./frameReader";

/** Reads the pictures of a wall beside the main thread, so that scrubbing never waits for JSON. */
export interface WallOrder {
  readonly id: number;
  readonly url: string;
}

const scope = self as unknown as DedicatedWorkerGlobalScope;
scope.onmessage = async ({ data }: MessageEvent<WallOrder>) => {
  const reading = await readWith(parseFrame, data.url, "no-cache");
  scope.postMessage({ id: data.id, reading }, [...buffersOf(reading)]);
};
