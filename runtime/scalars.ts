import { GraphQLError, GraphQLScalarType, Kind, TokenKind, type ValueNode, valueFromASTUntyped } from 'graphql';
import { AsofError } from '../core/errors/asof-error.ts';
import { formatDuration, parseDuration } from '../core/time/duration.ts';
import { formatInstant } from '../core/values/json.ts';
import { parseInstant } from '../core/values/parse.ts';

/** The scalars that all subgraphs share; put this into each subgraph's SDL. */
export const scalarTypeDefs = /* GraphQL */ `
  "An instant, RFC 3339 in UTC with milliseconds. Input with another offset is converted; without one it is UTC."
  scalar DateTime
  "A length of time: \`5m\`, \`1h\`, \`7d\`, or ISO 8601 as in \`PT5M\`."
  scalar Duration
  "An integer of 64 bits: a JSON number within ±(2^53−1), else a string of digits."
  scalar Int64
  "An exact decimal as a string of digits."
  scalar Decimal
  "Any JSON value."
  scalar JSON
`;

/** Instant (milliseconds since the epoch) ⇄ RFC 3339 text. */
export const DateTime = new GraphQLScalarType<number, string>({
  name: 'DateTime',
  serialize(value) {
    if (typeof value === 'number') return formatInstant(value);
    if (value instanceof Date) return formatInstant(value.getTime());
    if (typeof value === 'string') return formatInstant(parseInstant(value, 'DateTime'));
    throw refused('DateTime', 'an instant', value);
  },
  parseValue: (input) =>
    parsed('DateTime', 'RFC 3339 text such as "2001-06-01T00:00:00Z", from 1970 to 2099', input, toInstant),
  parseLiteral: (node) =>
    parsed(
      'DateTime',
      'RFC 3339 text such as "2001-06-01T00:00:00Z", from 1970 to 2099',
      textOf(node),
      toInstant,
      node,
    ),
});

/** Milliseconds ⇄ text such as `5m`. */
export const Duration = new GraphQLScalarType<number, string>({
  name: 'Duration',
  serialize(value) {
    if (typeof value === 'number') return formatDuration(value);
    if (typeof value === 'string') return value;
    throw refused('Duration', 'milliseconds', value);
  },
  parseValue: (input) => parsed('Duration', 'text such as "5m" or "PT5M"', input, toMillis),
  parseLiteral: (node) => parsed('Duration', 'text such as "5m" or "PT5M"', textOf(node), toMillis, node),
});

/** A number within ±(2^53−1), else a bigint ⇄ a JSON number, else a string of digits. */
export const Int64 = new GraphQLScalarType<number | bigint, number | string>({
  name: 'Int64',
  serialize(value) {
    if (Number.isSafeInteger(value)) return (value as number) + 0;
    const integer = parsed('Int64', 'an integer of 64 bits', value, toInt64);
    return typeof integer === 'bigint' ? integer.toString() : integer;
  },
  parseValue: (input) => parsed('Int64', 'an integer of 64 bits', input, toInt64),
  parseLiteral: (node) => parsed('Int64', 'an integer of 64 bits', digitsOf(node), toInt64, node),
});

/** Text of digits, without an exponent. */
export const Decimal = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  serialize: (value) => parsed('Decimal', 'a decimal as text', value, toDecimal),
  parseValue: (input) => parsed('Decimal', 'a decimal as text, such as "3.30"', input, toDecimal),
  parseLiteral: (node) => parsed('Decimal', 'a decimal as text, such as "3.30"', digitsOf(node), toDecimal, node),
});

export const Json = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  serialize: (value) => value,
  parseValue: (input) => input,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});

/** Resolvers for `scalarTypeDefs`. */
export const scalarResolvers = { DateTime, Duration, Int64, Decimal, JSON: Json };

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

function toInstant(input: unknown): number | null {
  return typeof input === 'string' || (typeof input === 'number' && Number.isSafeInteger(input))
    ? parseInstant(input, 'DateTime')
    : null;
}

function toMillis(input: unknown): number | null {
  return typeof input === 'string' ? parseDuration(input) : null;
}

function toInt64(input: unknown): number | bigint | null {
  if (typeof input === 'number') return Number.isSafeInteger(input) ? input + 0 : null;
  const isDigits = typeof input === 'string' && /^-?\d{1,19}$/.test(input);
  if (!isDigits && typeof input !== 'bigint') return null;
  const integer = BigInt(input);
  if (integer < int64Min || integer > int64Max) return null;
  const small = Number(integer);
  return Number.isSafeInteger(small) ? small : integer;
}

/** A number is read as its shortest round-trip decimal (SEMANTICS.md §2). */
function toDecimal(input: unknown): string | null {
  const text = typeof input === 'number' || typeof input === 'bigint' ? input.toString() : input;
  return typeof text === 'string' && /^-?\d+(\.\d+)?$/.test(text) ? text : null;
}

function textOf(node: ValueNode): string | null {
  return node.kind === Kind.STRING ? node.value : null;
}

/** The source text of a number, so that no digit is lost. */
function digitsOf(node: ValueNode): string | null {
  return node.kind === Kind.INT || node.kind === Kind.FLOAT || node.kind === Kind.STRING ? node.value : null;
}

function parsed<T>(
  scalar: string,
  expected: string,
  input: unknown,
  parse: (input: unknown) => T | null,
  node?: ValueNode,
): T {
  try {
    const value = parse(input);
    if (value !== null) return value;
  } catch (error) {
    if (!(error instanceof AsofError)) throw error;
  }
  throw refused(scalar, expected, input, node);
}

/** @param node where a literal of the document is refused; of variables GraphQL itself says which one it is */
function refused(scalar: string, expected: string, got: unknown, node?: ValueNode): GraphQLError {
  const shown = typeof got === 'bigint' ? got.toString() : (JSON.stringify(got) ?? typeof got).slice(0, 100);
  const path = node === undefined ? null : nameBefore(node);
  const place = path === null ? '' : `${path}: `;
  return new GraphQLError(`${place}${scalar}: expected ${expected}; got ${shown}`, {
    ...(node === undefined ? {} : { nodes: node }),
    extensions: { code: 'BAD_INPUT', ...(path === null ? {} : { path }), expected, got: shown },
  });
}

/** The argument or input field whose value a literal is, or in whose list it stands: the name before the last colon. */
function nameBefore({ loc }: ValueNode): string | null {
  let token = loc?.startToken.prev ?? null;
  for (let nested = 0; token !== null; token = token.prev) {
    if (token.kind === TokenKind.COLON && nested === 0) return token.prev?.value ?? null;
    if (token.kind === TokenKind.BRACKET_R || token.kind === TokenKind.BRACE_R) nested += 1;
    if (token.kind === TokenKind.BRACKET_L || token.kind === TokenKind.BRACE_L) nested = Math.max(0, nested - 1);
  }
  return null;
}
