/// <reference lib="webworker" />
import type { FrameKind } from "@/lib/latent/parsers";
import { buffersOf, readFrame } from "./frameReader";

/** Reads the large artifacts beside the main thread, so that scrubbing never waits for JSON. */
export interface Order {
  readonly id: number;
  readonly kind: FrameKind;
  readonly url: string;
  readonly mode: RequestCache;
}

const scope = self as unknown as DedicatedWorkerGlobalScope;
scope.onmessage = async ({ data }: MessageEvent<Order>) => {
  const reading = await readFrame(data.kind, data.url, data.mode);
  scope.postMessage({ id: data.id, reading }, [...buffersOf(reading)]);
};
