import { fields, list, numbers, text } from "./check";

/** One named array of a safetensors file. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

const LENGTH_BYTES = 8;

type Read = (buffer: ArrayBuffer) => Float32Array | Int32Array;

/** How each type of number is read; of 64-bit integers the page keeps 32, of doubles the nearest float. */
const TYPES: Readonly<Record<string, Read>> = {
  F32: (buffer) => new Float32Array(buffer),
  F64: (buffer) => Float32Array.from(new Float64Array(buffer)),
  I32: (buffer) => new Int32Array(buffer),
  I64: (buffer) => Int32Array.from(new BigInt64Array(buffer), small),
};

const SIZES: Readonly<Record<string, number>> = { F32: 4, F64: 8, I32: 4, I64: 8 };

function small(value: bigint): number {
  const number = Number(value);
  if (Math.abs(number) > 0x7fffffff) throw new Error(`${value} is larger than a place in a data set`);
  return number;
}

/**
 * Reads the tensors of a safetensors file: a length, a JSON header, and the numbers one after another.
 *
 * @param wanted Names to read; what is not there is left out, and what is not wanted is not looked at.
 * @throws Error saying what is wrong with which tensor.
 */
export function parseSafetensors(file: ArrayBuffer, wanted: readonly string[]): ReadonlyMap<string, Tensor> {
  if (file.byteLength < LENGTH_BYTES) throw new Error("it ends before its header");
  const length = Number(new DataView(file).getBigUint64(0, true));
  const start = LENGTH_BYTES + length;
  if (start > file.byteLength) throw new Error("it ends within its header");
  const header = fields(JSON.parse(new TextDecoder().decode(new Uint8Array(file, LENGTH_BYTES, length))), "the header");
  const found = wanted.filter((name) => header[name] !== undefined);
  return new Map(found.map((name) => [name, tensor(file, start, name, header[name])] as const));
}

function tensor(file: ArrayBuffer, start: number, name: string, said: unknown): Tensor {
  const entry = fields(said, name);
  const type = text(entry.dtype, `the type of ${name}`);
  const read = TYPES[type];
  const size = SIZES[type];
  if (!read || !size) throw new Error(`${name} is of type ${type}, which is not read here`);
  const shape = numbers(entry.shape, `the shape of ${name}`);
  const [from, to] = list(entry.data_offsets, `the place of ${name}`) as readonly [number, number];
  const count = shape.reduce((product, side) => product * side, 1);
  if (to - from !== count * size || start + to > file.byteLength) throw new Error(`${name} is not as long as its shape says`);
  return { shape, values: read(file.slice(start + from, start + to)) };
}
