import { GraphQLError, Kind, type ValueNode } from "graphql";
import { z } from "zod";
import { parseDate } from "../../calendar/brasilia.ts";

const INT8 = 2n ** 63n;
const instant = z.iso.datetime({ offset: true });

/** What a scalar takes: the text handed to the database, or undefined for what is none; and what is expected, in words. */
interface Reader {
  read(text: string): string | undefined;
  isNumber: boolean;
  expected: string;
}

const READERS: Readonly<Record<string, Reader>> = {
  BigInt: { read: readInteger, isNumber: true, expected: 'um número inteiro, como "12"' },
  BigFloat: { read: readDecimal, isNumber: true, expected: 'um número, como "1234.56"' },
  Date: {
    read: parseDate,
    isNumber: false,
    expected: 'um dia do calendário, como "2026-11-05"',
  },
  Datetime: {
    read: (text) => (instant.safeParse(text).success ? text : undefined),
    isNumber: false,
    expected: 'um instante com fuso, como "2026-11-05T17:12:00-03:00"',
  },
};

/**
 * Ids, amounts, days and instants are read strictly, and what is none is refused (BLD04) with its place in the request. The
 * library hands any text on to PostgreSQL, which takes "yesterday", "infinity" and "NaN", and an instant without zone in its
 * own, and tells of the rest neither what nor where.
 */
export const strictValuesPlugin: GraphileConfig.Plugin = {
  name: "BlindagemStrictValuesPlugin",
  version: "1.0.0",
  schema: {
    hooks: {
      GraphQLScalarType(config) {
        const reader = Object.hasOwn(READERS, config.name) ? READERS[config.name] : undefined;
        if (!reader) return config;
        return {
          ...config,
          parseValue: (value) => readValue(reader, value),
          parseLiteral: (node) => readValue(reader, textOf(node, reader), node),
        };
      },
    },
  },
};

function readValue(reader: Reader, value: unknown, node?: ValueNode): string {
  const isText = typeof value === "string" || (reader.isNumber && isExact(value));
  const read = isText ? reader.read(String(value)) : undefined;
  if (read !== undefined) return read;
  throw new GraphQLError(`espera-se ${reader.expected}.`, {
    nodes: node ?? null,
    extensions: { code: "BLD04" },
  });
}

/** JSON's numbers are floats: an id beyond what they hold would be another one. */
function isExact(value: unknown): boolean {
  return typeof value === "number" && (Number.isSafeInteger(value) || !Number.isInteger(value));
}

function textOf(node: ValueNode, { isNumber }: Reader): string | undefined {
  if (node.kind === Kind.STRING) return node.value;
  return isNumber && (node.kind === Kind.INT || node.kind === Kind.FLOAT) ? node.value : undefined;
}

function readInteger(text: string): string | undefined {
  if (!/^-?\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >= -INT8 && value < INT8 ? text : undefined;
}

function readDecimal(text: string): string | undefined {
  return /^-?\d{1,30}(?:\.\d{1,30})?$/.test(text) ? text : undefined;
}
