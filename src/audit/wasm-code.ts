/** As much of WebAssembly's binary format (core specification 2.0, chapter 5) as a function of numbers by four needs. */

/** Instructions, as bytes. */
export type Code = readonly number[];

const SIMD = 0xfd;
const FUNCTION = 0x60;
const I32 = 0x7f;
const V128 = 0x7b;
const END = 0x0b;

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isLast = (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}

const simd = (opcode: number, ...rest: number[]): Code => [SIMD, ...unsigned(opcode), ...rest];
/** Behind the address on the stack, without a promise of alignment. */
const at = (offset: number): number[] => [0, ...unsigned(offset)];

export const constant = (value: number): Code => [0x41, ...signed(value)];
export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
/** Sets, and leaves the value on the stack. */
export const tee = (local: number): Code => [0x22, ...unsigned(local)];
export const increase = (local: number, by: number): Code => [
  ...get(local),
  ...constant(by),
  0x6a,
  ...set(local),
];
/** Counts a local number down to 0, once around the body for each. */
export const times = (local: number, body: Code): Code => [
  ...[0x03, 0x40, ...body],
  ...[...increase(local, -1), ...get(local), 0x0d, 0x00, END],
];

/** The same 32 bits four times. */
export const splat = (value: number): Code => [...constant(value | 0), ...simd(0x11)];
export const loadSplat = (offset: number): Code => simd(0x09, ...at(offset));
export const loadLane = (offset: number, lane: number): Code => simd(0x56, ...at(offset), lane);
export const storeLane = (offset: number, lane: number): Code => simd(0x5a, ...at(offset), lane);
/** Turns the bytes of each number around. */
export const swapBytes = (local: number): Code => [
  ...[...get(local), ...get(local)],
  ...simd(0x0d, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12),
];
export const and = simd(0x4e);
export const or = simd(0x50);
export const xor = simd(0x51);
/** Of two values, the bits of the first where a third has ones, else those of the second. */
export const choose = simd(0x52);
export const add = simd(0xae);
export const shiftLeft = (bits: number): Code => [...constant(bits), ...simd(0xab)];
export const shiftRight = (bits: number): Code => [...constant(bits), ...simd(0xad)];

/**
 * A module with one page of memory (`memory`), which begins with the data, and one function (`run`).
 *
 * @param run which takes as many numbers as it has parameters; behind them come its local numbers, and those by four
 */
export function moduleOf(
  data: Uint8Array,
  run: { parameters: number; numbers: number; fours: number; body: Code },
): Uint8Array<ArrayBuffer> {
  const list = (...items: Code[]) => [...unsigned(items.length), ...items.flat()];
  const sized = (bytes: Code) => [...unsigned(bytes.length), ...bytes];
  const name = (text: string) => sized([...Buffer.from(text)]);
  const parameters = Array.from({ length: run.parameters }, () => [I32]);
  const locals = list([...unsigned(run.numbers), I32], [...unsigned(run.fours), V128]);
  const sections = [
    { id: 1, content: list([FUNCTION, ...list(...parameters), ...list()]) },
    { id: 3, content: list([0]) },
    { id: 5, content: list([0, 1]) },
    { id: 7, content: list([...name("memory"), 2, 0], [...name("run"), 0, 0]) },
    { id: 10, content: list(sized([...locals, ...run.body, END])) },
    { id: 11, content: list([0, ...constant(0), END, ...sized([...data])]) },
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...sections.flatMap(({ id, content }) => [id, ...sized(content)]),
  ]);
}
