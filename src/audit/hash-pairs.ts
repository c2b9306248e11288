import { HASH_SIZE } from "./tree.ts";
import {
  add,
  and,
  type Code,
  choose,
  constant,
  get,
  increase,
  loadLane,
  loadSplat,
  moduleOf,
  or,
  set,
  shiftLeft,
  shiftRight,
  splat,
  storeLane,
  swapBytes,
  tee,
  times,
  xor,
} from "./wasm-code.ts";

const PAIR = 2 * HASH_SIZE;
/** Pairs that are hashed at once. */
const LANES = [0, 1, 2, 3];
const WORDS = Array.from({ length: 16 }, (_, at) => at);
const STATE = WORDS.slice(0, 8);

/** FIPS 180-4, 5.3.3 and 4.2.2: of the roots of the first primes, the first 32 bits behind the point. */
const PRIMES = firstPrimes(64);
const INITIAL = PRIMES.slice(0, 8).map((prime) => fractionOf(Math.sqrt(prime)));
const ROUND_CONSTANTS = Int32Array.from(PRIMES, (prime) => fractionOf(Math.cbrt(prime)));

// Parameters: where the first pair stands, less one byte; where the hashes go; how many fours of pairs there are.
const FROM = 0;
const TO = 1;
const FOURS = 2;
/** Where the constants of sixteen rounds are. */
const CONSTANTS = 3;
const ROUNDS = 4;
const BLOCKS = 5;
const word = (at: number) => 6 + (at % 16);
const sumOf = (at: number) => 22 + at;
/** What moves from one of the eight to the next with each round moves by its name alone. */
const variable = (name: number, round: number) => 30 + ((name - round + 64) % 8);
/** a xor b, of this round and of the one before. */
const differing = (round: number) => 38 + (round % 2);

/**
 * Writes the hashes of the nodes over pairs of hashes (RFC 6962 section 2.1: SHA-256(0x01 || left || right)), one after the
 * other. By four in WebAssembly, a node takes 0.14 microseconds; a call of OpenSSL's for each takes 0.3, and as much again
 * to bring the bytes there and back.
 *
 * @param bytes hashes, one after the other; one without a neighbour at the end is left out
 * @param into may be the same memory
 */
export function hashPairs(bytes: Uint8Array, into: Uint8Array): void {
  const end = bytes.length - (bytes.length % PAIR);
  for (let at = 0; at < end; at += MOST_BYTES) {
    const length = Math.min(MOST_BYTES, end - at);
    MEMORY.set(bytes.subarray(at, at + length), INPUT);
    RUN(INPUT - 1, OUTPUT, Math.ceil(length / PAIR / LANES.length));
    into.set(MEMORY.subarray(OUTPUT, OUTPUT + length / 2), at / 2);
  }
}

const rotate = (local: number, bits: number): Code => [
  ...[...get(local), ...shiftRight(bits)],
  ...[...get(local), ...shiftLeft(32 - bits), ...or],
];
const mixed = (one: Code, two: Code, three: Code): Code => [
  ...one,
  ...two,
  ...xor,
  ...three,
  ...xor,
];

/** FIPS 180-4, 6.2.2 step 1: the word that takes the place of the one sixteen rounds before. */
function schedule(at: number): Code {
  const near = word(at + 14);
  const far = word(at + 1);
  return [
    ...[...get(word(at)), ...get(word(at + 9)), ...add],
    ...mixed(rotate(far, 7), rotate(far, 18), [...get(far), ...shiftRight(3)]),
    ...add,
    ...mixed(rotate(near, 17), rotate(near, 19), [...get(near), ...shiftRight(10)]),
    ...[...add, ...set(word(at))],
  ];
}

/** FIPS 180-4, 6.2.2 step 3. The majority of a, b and c is b, but for bits in which it is alone. */
function round(at: number): Code {
  const [a, b, d, e, f, g, h] = [0, 1, 3, 4, 5, 6, 7].map((name) => variable(name, at));
  if (!(a && b && d && e && f && g && h)) throw new Error("Eight variables are named.");
  return [
    ...[...get(h), ...get(word(at)), ...add, ...get(CONSTANTS), ...loadSplat(4 * at), ...add],
    ...[...mixed(rotate(e, 6), rotate(e, 11), rotate(e, 25)), ...add],
    ...[...get(f), ...get(g), ...get(e), ...choose, ...add, ...tee(h)],
    ...[...get(d), ...add, ...set(d)],
    ...[...get(h), ...mixed(rotate(a, 2), rotate(a, 13), rotate(a, 22)), ...add],
    ...[...get(b), ...get(a), ...get(b), ...xor, ...tee(differing(at))],
    ...[...get(differing(at + 1)), ...and, ...xor, ...add, ...set(h)],
  ];
}

const compress: Code = [
  ...STATE.flatMap((at) => [...get(sumOf(at)), ...set(variable(at, 0))]),
  ...[...get(variable(1, 0)), ...get(variable(2, 0)), ...xor, ...set(differing(1))],
  ...[...constant(0), ...set(CONSTANTS)],
  ...WORDS.flatMap(round),
  ...[...constant(3), ...set(ROUNDS)],
  ...times(ROUNDS, [
    ...increase(CONSTANTS, 4 * WORDS.length),
    ...WORDS.flatMap((at) => [...schedule(at), ...round(at)]),
  ]),
  ...STATE.flatMap((at) => [
    ...[...get(sumOf(at)), ...get(variable(at, 0)), ...add, ...set(sumOf(at))],
  ]),
];

const loadWord = (at: number, offset: number): Code => [
  ...[...splat(0), ...set(word(at))],
  ...LANES.flatMap((lane) => [
    ...[...get(FROM), ...get(word(at)), ...loadLane(PAIR * lane + offset, lane), ...set(word(at))],
  ]),
];
const within = (local: number, mask: number, other: number): Code => [
  ...[...get(local), ...splat(mask), ...and, ...splat(other), ...or, ...set(local)],
];

/** The mark of a node and all bytes of a pair but the last. */
const firstBlock: Code = [
  ...WORDS.flatMap((at) => [...loadWord(at, 4 * at), ...swapBytes(word(at)), ...set(word(at))]),
  ...within(word(0), 0x00ffffff, 0x01000000),
];
/** The last byte, the mark of the end, and the length in bits. It is in its place: the last of four is the highest. */
const secondBlock: Code = [
  ...[...loadWord(0, PAIR - 3), ...within(word(0), 0xff000000, 0x00800000)],
  ...WORDS.slice(1).flatMap((at) => [...splat(at === 15 ? 8 * (1 + PAIR) : 0), ...set(word(at))]),
];

const hashFours = times(FOURS, [
  ...STATE.flatMap((at) => [...splat(INITIAL[at] ?? 0), ...set(sumOf(at))]),
  ...firstBlock,
  ...[...constant(2), ...set(BLOCKS)],
  ...times(BLOCKS, [...compress, ...secondBlock]),
  ...STATE.flatMap((at) => [
    ...[...swapBytes(sumOf(at)), ...set(sumOf(at))],
    ...LANES.flatMap((lane) => [
      ...[...get(TO), ...get(sumOf(at)), ...storeLane(HASH_SIZE * lane + 4 * at, lane)],
    ]),
  ]),
  ...increase(FROM, PAIR * LANES.length),
  ...increase(TO, HASH_SIZE * LANES.length),
]);

const { memory: MEMORY, run: RUN } = instantiate(
  moduleOf(new Uint8Array(ROUND_CONSTANTS.buffer), {
    parameters: 3,
    numbers: 3,
    fours: 34,
    body: hashFours,
  }),
);
const INPUT = 1024;
const MOST_BYTES = 32 * 1024;
const OUTPUT = INPUT + MOST_BYTES;

/** The part of the language's WebAssembly that is used here: the types of Node.js have none. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: Record<string, unknown> };
  Memory: new (size: { initial: number }) => { buffer: ArrayBuffer };
};

function instantiate(bytes: Uint8Array) {
  const { memory, run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof run !== "function") {
    throw new Error("The module exports its memory and its function.");
  }
  return {
    memory: new Uint8Array(memory.buffer),
    run: (from: number, to: number, fours: number): void => {
      run(from, to, fours);
    },
  };
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let next = 2; primes.length < count; next++) {
    if (primes.every((prime) => next % prime > 0)) primes.push(next);
  }
  return primes;
}

function fractionOf(root: number): number {
  return Math.floor((root % 1) * 2 ** 32) | 0;
}
