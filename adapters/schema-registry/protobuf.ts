import protobuf, { type NamespaceBase, type ReflectionObject, type Type } from 'protobufjs';
import type { RegisteredSchema } from './registry.ts';

/**
 * Reads one message: first the path to its type (how many indexes, then the index at each level of nesting, as zigzag
 * numbers; a single 0 is the first type), then its bytes. Throws when they are not of the schema.
 */
export function protobufDecoder(schema: RegisteredSchema): (bytes: Buffer) => unknown {
  const root = new protobuf.Root();
  const define = ({ text, references }: RegisteredSchema): NamespaceBase => {
    for (const { schema: referred } of references) define(referred);
    const parsed = protobuf.parse(text, root, { keepCase: true });
    for (const name of [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])]) {
      const common = protobuf.common.get(name);
      if (common?.nested !== undefined) root.addJSON(common.nested);
    }
    return parsed.package === undefined ? root : (root.lookup(parsed.package) as NamespaceBase);
  };
  const file = define(schema);
  const own = typesOf(schema.text);
  root.resolveAll();
  return (bytes) => {
    const reader = protobuf.Reader.create(bytes);
    const depth = reader.sint32();
    const path = depth === 0 ? [0] : Array.from({ length: depth }, () => reader.sint32());
    const type = typeAt(file, own, path);
    return rowOf(type, type.decode(reader) as unknown as Readonly<Record<string, unknown>>);
  };
}

/** The names of the types in one file alone: others may share its package. */
function typesOf(text: string): readonly string[] {
  const parsed = protobuf.parse(text, new protobuf.Root(), { keepCase: true });
  const scope = parsed.package === undefined ? parsed.root : (parsed.root.lookup(parsed.package) as NamespaceBase);
  return scope.nestedArray.filter(isType).map(({ name }) => name);
}

function typeAt(file: NamespaceBase, own: readonly string[], path: readonly number[]): Type {
  let type: ReflectionObject | null = file.get(own[path[0]!] ?? '');
  for (const index of path.slice(1)) type = (type as Type | null)?.nestedArray.filter(isType)[index] ?? null;
  if (type === null || !isType(type)) throw new Error(`expected a message type at ${path.join('.')} of the schema`);
  return type;
}

function isType(object: ReflectionObject): object is Type {
  return object instanceof protobuf.Type;
}

/** Fields that track their presence are NULL where they are missing; the others have their type's default. */
function rowOf(type: Type, message: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const field of type.fieldsArray) {
    field.resolve();
    const isSet = Object.hasOwn(message, field.name) && message[field.name] !== null;
    if (!isSet && (field.hasPresence || field.resolvedType instanceof protobuf.Type) && !field.repeated && !field.map) {
      row[field.name] = null;
      continue;
    }
    const value = message[field.name];
    if (field.map) row[field.name] = mapValues(value as object, (one) => plain(field.resolvedType, one));
    else if (field.repeated)
      row[field.name] = (value as readonly unknown[]).map((one) => plain(field.resolvedType, one));
    else row[field.name] = plain(field.resolvedType, value);
  }
  return row;
}

function plain(type: ReflectionObject | null, value: unknown): unknown {
  if (type instanceof protobuf.Enum) return type.valuesById[value as number] ?? value;
  if (type instanceof protobuf.Type) {
    const message = value as Readonly<Record<string, unknown>>;
    return type.fullName === '.google.protobuf.Timestamp' ? millisOf(message) : rowOf(type, message);
  }
  // Integers of 64 bits.
  return typeof value === 'object' && value !== null && 'unsigned' in value ? BigInt(String(value)) : value;
}

function millisOf({ seconds, nanos }: Readonly<Record<string, unknown>>): number {
  return Number(seconds) * 1_000 + Math.floor(Number(nanos) / 1_000_000);
}

function mapValues(object: object, change: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}
