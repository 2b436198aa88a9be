import { describe, expect, it } from "vitest";
import { parseLatents, reachOf, throughPair } from "./latents";
import { parseSafetensors } from "./safetensors";

type Part = readonly [name: string, dtype: string, shape: readonly number[], bytes: ArrayBuffer];

/** A file as safetensors writes it: names in any order, numbers without gaps, the header not aligned. */
function file(...parts: readonly Part[]): ArrayBuffer {
  let at = 0;
  const header = Object.fromEntries(
    parts.map(([name, dtype, shape, bytes]) => [name, { dtype, shape, data_offsets: [at, (at += bytes.byteLength)] }]),
  );
  const words = new TextEncoder().encode(JSON.stringify(header));
  const out = new Uint8Array(8 + words.length + at);
  new DataView(out.buffer).setBigUint64(0, BigInt(words.length), true);
  out.set(words, 8);
  let place = 8 + words.length;
  for (const [, , , bytes] of parts) {
    out.set(new Uint8Array(bytes), place);
    place += bytes.byteLength;
  }
  return out.buffer;
}

const IDS: Part = ["dataset_idx", "I64", [2], new BigInt64Array([7n, 9n]).buffer];
const Z: Part = ["z", "F32", [2, 3], new Float32Array([1, 2, 3, 4, 5, 6]).buffer];

describe("latents", () => {
  it("reads points, latents and labels out of safetensors", () => {
    const latents = parseLatents(file(["labels", "I64", [2], new BigInt64Array([-1n, 4n]).buffer], Z, IDS, ["log_var", "BF16", [1], new ArrayBuffer(2)]));
    expect([...latents.ids]).toEqual([7, 9]);
    expect([...latents.z]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(latents.dims).toBe(3);
    expect([...(latents.labels ?? [])]).toEqual([-1, 4]);
    expect(parseLatents(file(IDS, Z)).labels).toBeNull();
    expect([...throughPair(latents, [2, 0])]).toEqual([3, 1, 6, 4]);
  });

  it("says what is damaged", () => {
    expect(() => parseLatents(file(IDS))).toThrow("no latents");
    expect(() => parseLatents(file(["dataset_idx", "I64", [1], new BigInt64Array([7n]).buffer], Z))).toThrow("a row for each point");
    expect(() => parseLatents(new ArrayBuffer(3))).toThrow("before its header");
    expect(() => parseLatents(file(IDS, Z).slice(0, 40))).toThrow("within its header");
    expect(() => parseLatents(file(IDS, Z).slice(0, -1))).toThrow("not as long as its shape");
    expect(() => parseSafetensors(file(["a", "BF16", [1], new ArrayBuffer(2)]), ["a"])).toThrow("a is of type BF16");
    expect(() => parseSafetensors(file(["a", "I64", [1], new BigInt64Array([1n << 40n]).buffer]), ["a"])).toThrow("larger than");
  });

  it("has one scale that holds the unit circle and the points, but not a few that are far out", () => {
    const latents = (...z: number[]) => ({ ids: new Int32Array(z.length / 2), z: new Float32Array(z), dims: 2, labels: null });
    expect(reachOf([latents(0.1, 0.2)], [[0, 1]])).toBeCloseTo(1.08);
    expect(reachOf([latents(0.1, 0.2), latents(3, -1)], [[0, 1]])).toBeCloseTo(3.24);
    expect(reachOf([latents(3, -1)], [[1, 1]])).toBeCloseTo(1.08);
    const many = Array.from({ length: 400 }, () => 2);
    expect(reachOf([latents(...many, 50, 2)], [[0, 1]])).toBeCloseTo(1.08 * 2.5);
  });
});
