import protobuf from 'protobufjs';
import { encoded } from '../../runtime/grpc/codec.ts';
import type { ProtoWriter } from '../../runtime/grpc/proto-writer.ts';

/** Numbers of google/protobuf/descriptor.proto. */
const types: Readonly<Record<string, number>> = {
  ...{ double: 1, float: 2, int64: 3, uint64: 4, int32: 5, fixed64: 6, fixed32: 7, bool: 8, string: 9 },
  ...{ message: 11, bytes: 12, uint32: 13, enum: 14 },
};
const labels = { optional: 1, repeated: 3 };

/** What one .proto file declares, for programs that ask a server what it serves. */
interface FileDescriptor {
  readonly name: string;
  /** A FileDescriptorProto. */
  readonly bytes: Buffer;
  readonly dependencies: readonly string[];
  /** Full names of what it declares. */
  readonly symbols: readonly string[];
}

/** A module with the descriptors of .proto files and of what they import. @param folder where imports are looked up */
export async function descriptorModule(folder: string, from: readonly string[]): Promise<string> {
  const files = new Map<string, FileDescriptor>();
  for (const name of from) {
    for (const file of await fileDescriptors(folder, name)) files.set(file.name, file);
  }
  const entries = [...files.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(entryText);
  return [
    `// Written by \`npm run codegen\` from schema/${from.join(', schema/')}.\n`,
    `import type { FileDescriptor } from '../reflection.ts';\n`,
    `export const fileDescriptors: readonly FileDescriptor[] = [\n${entries.join('\n')}\n];\n`,
  ].join('\n');
}

/** Of one file and what it imports, by themselves: a name that is not there is looked for in every package. */
async function fileDescriptors(folder: string, from: string): Promise<FileDescriptor[]> {
  const root = new protobuf.Root();
  const nameOf: NameOf = ({ filename, fullName }) => {
    // The library has these within itself, each of one message.
    if (filename === null) return `${fullName.slice(1).toLowerCase().replaceAll('.', '/')}.proto`;
    return filename.startsWith(`${folder}/`) ? filename.slice(folder.length + 1) : filename;
  };
  root.resolvePath = (_origin, target) => (protobuf.common.get(target) === null ? `${folder}/${target}` : target);
  await root.load(from, { keepCase: true });
  root.resolveAll();
  const files = new Map<string, protobuf.ReflectionObject[]>();
  for (const declared of declarations(root)) {
    const name = nameOf(declared);
    files.set(name, [...(files.get(name) ?? []), declared]);
  }
  return [...files].map(([name, declared]) => fileDescriptor(name, declared, nameOf));
}

type NameOf = (declared: protobuf.ReflectionObject) => string;

function entryText({ name, bytes, dependencies, symbols }: FileDescriptor): string {
  return [
    '  {',
    `    name: '${name}',`,
    `    bytes: Buffer.from('${bytes.toString('base64')}', 'base64'),`,
    `    dependencies: ${JSON.stringify(dependencies)},`,
    `    symbols: ${JSON.stringify(symbols)},`,
    '  },',
  ].join('\n');
}

/** What stands at the top of files. */
function declarations(namespace: protobuf.NamespaceBase): protobuf.ReflectionObject[] {
  return namespace.nestedArray.flatMap((child) => {
    const isPackage =
      child instanceof protobuf.Namespace && !(child instanceof protobuf.Type) && !(child instanceof protobuf.Service);
    return isPackage ? declarations(child) : [child];
  });
}

const nameOfObject = ({ fullName }: protobuf.ReflectionObject): string => fullName.replace(/^\./, '');

function fileDescriptor(name: string, declared: readonly protobuf.ReflectionObject[], nameOf: NameOf): FileDescriptor {
  const used = new Set(declared.flatMap(usedBy).map(nameOf));
  used.delete(name);
  const dependencies = [...used].sort();
  const [, packageName = ''] = /^(.*?)\.?[^.]+$/.exec(nameOfObject(declared[0]!)) ?? [];
  const bytes = encoded((out) => {
    text(out, 1, name);
    if (packageName !== '') text(out, 2, packageName);
    for (const dependency of dependencies) text(out, 3, dependency);
    for (const one of declared) {
      if (one instanceof protobuf.Type) within(out, 4, () => writeMessage(out, one));
      if (one instanceof protobuf.Enum) within(out, 5, () => writeEnum(out, one));
      if (one instanceof protobuf.Service) within(out, 6, () => writeService(out, one));
    }
    text(out, 12, 'proto3');
  }, null);
  return { name, bytes, dependencies, symbols: declared.flatMap(symbolsOf) };
}

function symbolsOf(one: protobuf.ReflectionObject): string[] {
  const inner =
    one instanceof protobuf.Service ? one.methodsArray : one instanceof protobuf.Type ? one.nestedArray : [];
  return [nameOfObject(one), ...inner.flatMap(symbolsOf)];
}

function usedBy(one: protobuf.ReflectionObject): protobuf.ReflectionObject[] {
  if (one instanceof protobuf.Service) {
    return one.methodsArray.flatMap((method) => [method.resolvedRequestType!, method.resolvedResponseType!]);
  }
  if (!(one instanceof protobuf.Type)) return [];
  return [...one.fieldsArray.flatMap(({ resolvedType }) => resolvedType ?? []), ...one.nestedArray.flatMap(usedBy)];
}

function writeMessage(out: ProtoWriter, message: protobuf.Type): void {
  text(out, 1, message.name);
  const oneofs = message.oneofsArray;
  for (const field of message.fieldsArray) {
    within(out, 2, () => {
      const isRepeated = field.repeated || field instanceof protobuf.MapField;
      writeField(out, { name: field.name, id: field.id, isRepeated, ...typeOf(field, message) });
      const oneof = oneofs.findIndex(({ fieldsArray }) => fieldsArray.includes(field));
      if (oneof >= 0) number(out, 9, oneof);
    });
  }
  for (const nested of message.nestedArray) {
    if (nested instanceof protobuf.Type) within(out, 3, () => writeMessage(out, nested));
    if (nested instanceof protobuf.Enum) within(out, 4, () => writeEnum(out, nested));
  }
  for (const field of message.fieldsArray) {
    if (field instanceof protobuf.MapField) within(out, 3, () => writeMapEntry(out, field));
  }
  for (const { name } of oneofs) within(out, 8, () => text(out, 1, name));
}

interface FieldType {
  readonly type: number;
  /** With a dot before it; absent for scalars. */
  readonly typeName?: string;
}

function typeOf(field: protobuf.Field, message: protobuf.Type): FieldType {
  if (field instanceof protobuf.MapField) {
    return { type: types.message!, typeName: `${message.fullName}.${entryName(field)}` };
  }
  return valueType(field);
}

function valueType({ resolvedType, type }: Pick<protobuf.Field, 'resolvedType' | 'type'>): FieldType {
  if (resolvedType instanceof protobuf.Type) return { type: types.message!, typeName: resolvedType.fullName };
  if (resolvedType instanceof protobuf.Enum) return { type: types.enum!, typeName: resolvedType.fullName };
  return { type: types[type]! };
}

/** A map is a list of messages of a key and a value, named after its field. */
function writeMapEntry(out: ProtoWriter, field: protobuf.MapField): void {
  text(out, 1, entryName(field));
  within(out, 2, () => writeField(out, { name: 'key', id: 1, isRepeated: false, type: types[field.keyType]! }));
  within(out, 2, () => writeField(out, { name: 'value', id: 2, isRepeated: false, ...valueType(field) }));
  within(out, 7, () => number(out, 7, 1));
}

function entryName({ name }: protobuf.ReflectionObject): string {
  return `${name.replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())}Entry`;
}

function writeField(
  out: ProtoWriter,
  { name, id, isRepeated, type, typeName }: FieldType & { name: string; id: number; isRepeated: boolean },
): void {
  text(out, 1, name);
  number(out, 3, id);
  number(out, 4, isRepeated ? labels.repeated : labels.optional);
  number(out, 5, type);
  if (typeName !== undefined) text(out, 6, typeName);
  text(
    out,
    10,
    name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
  );
}

function writeEnum(out: ProtoWriter, { name, values }: protobuf.Enum): void {
  text(out, 1, name);
  for (const [key, value] of Object.entries(values)) {
    within(out, 2, () => {
      text(out, 1, key);
      number(out, 2, value);
    });
  }
}

function writeService(out: ProtoWriter, service: protobuf.Service): void {
  text(out, 1, service.name);
  for (const method of service.methodsArray) {
    within(out, 2, () => {
      text(out, 1, method.name);
      text(out, 2, method.resolvedRequestType!.fullName);
      text(out, 3, method.resolvedResponseType!.fullName);
      if (method.requestStream === true) number(out, 5, 1);
      if (method.responseStream === true) number(out, 6, 1);
    });
  }
}

function text(out: ProtoWriter, id: number, value: string): void {
  out.uint32(id * 8 + 2);
  out.string(value);
}

function number(out: ProtoWriter, id: number, value: number): void {
  out.uint32(id * 8);
  out.uint32(value);
}

function within(out: ProtoWriter, id: number, write: () => void): void {
  out.uint32(id * 8 + 2);
  const begun = out.begin();
  write();
  out.end(begun);
}
