import protobuf from 'protobufjs';

/** How one kind of value is held, written and read. */
interface Scalar {
  readonly type: string;
  /** Of `ProtoWriter` and `ProtoReader`. */
  readonly write: string;
  readonly read: string;
  readonly wire: number;
  readonly zero: string;
}

const scalars: Readonly<Record<string, Scalar>> = {
  string: { type: 'string', write: 'string', read: 'string', wire: 2, zero: `''` },
  bytes: { type: 'Uint8Array', write: 'bytes', read: 'bytes', wire: 2, zero: 'new Uint8Array()' },
  bool: { type: 'boolean', write: 'uint32', read: 'bool', wire: 0, zero: 'false' },
  int32: { type: 'number', write: 'int64', read: 'int32', wire: 0, zero: '0' },
  uint32: { type: 'number', write: 'uint32', read: 'uint32', wire: 0, zero: '0' },
  int64: { type: 'Integer', write: 'int64', read: 'int64', wire: 0, zero: '0' },
  double: { type: 'number', write: 'double', read: 'double', wire: 1, zero: '0' },
  float: { type: 'number', write: 'float', read: 'float', wire: 5, zero: '0' },
};
const enumScalar: Scalar = { type: 'number', write: 'uint32', read: 'uint32', wire: 0, zero: '0' };

/** The type of a message as it is read, as it may be given, and the functions between both and bytes. */
export function messageText(message: protobuf.Type): string {
  return [typeText(message, ''), typeText(message, 'Given'), writeText(message), readText(message)].join('\n\n');
}

type Suffix = '' | 'Given';

function typeText(message: protobuf.Type, suffix: Suffix): string {
  const fields = message.fieldsArray.map((field) => {
    const type = fieldType(field, suffix);
    const held = suffix === 'Given' || isOptional(field) ? `${type} | undefined` : type;
    const comment = suffix === '' && field.comment ? `  /** ${field.comment.replaceAll('\n', ' ')} */\n` : '';
    return `${comment}  readonly ${field.name}${suffix === 'Given' ? '?' : ''}: ${held};`;
  });
  const comment = suffix === '' && message.comment ? `/** ${message.comment.replaceAll('\n', ' ')} */\n` : '';
  return `${comment}export interface ${message.name}${suffix} {\n${fields.join('\n')}\n}`;
}

function fieldType(field: protobuf.Field, suffix: Suffix): string {
  const one = elementType(field, suffix);
  if (field instanceof protobuf.MapField) return `ReadonlyMap<string, ${one}>`;
  return field.repeated ? `readonly ${one}[]` : one;
}

function elementType(field: protobuf.Field, suffix: Suffix): string {
  return field.resolvedType instanceof protobuf.Type ? `${field.resolvedType.name}${suffix}` : scalarOf(field).type;
}

function scalarOf(field: protobuf.Field): Scalar {
  if (field.resolvedType instanceof protobuf.Enum) return enumScalar;
  const scalar = scalars[field.type];
  if (scalar === undefined) throw new TypeError(`${field.fullName}: the type ${field.type} is not known here`);
  return scalar;
}

/** What may be absent: members of a oneof and messages. */
function isOptional(field: protobuf.Field): boolean {
  if (field.repeated || field instanceof protobuf.MapField) return false;
  return field.partOf !== null || field.resolvedType instanceof protobuf.Type;
}

function tagOf({ id }: protobuf.Field, wire: number): number {
  return id * 8 + wire;
}

const isMessage = (field: protobuf.Field): boolean => field.resolvedType instanceof protobuf.Type;

function writeText(message: protobuf.Type): string {
  const lines = message.fieldsArray.flatMap((field) => writeField(field).map((line) => `  ${line}`));
  const given = message.fieldsArray.length === 0 ? '_out: ProtoWriter, _given' : 'out: ProtoWriter, given';
  return `export function write${message.name}(${given}: ${message.name}Given): void {\n${lines.join('\n')}\n}`;
}

function writeField(field: protobuf.Field): string[] {
  const value = `given.${field.name}`;
  if (field instanceof protobuf.MapField) {
    const one = writeValue(field, 'one', 2).map((line) => `    ${line}`);
    return [
      `for (const [key, one] of ${value} ?? []) {`,
      `  out.uint32(${tagOf(field, 2)});`,
      '  const entry = out.begin();',
      '  out.uint32(10);',
      '  out.string(key);',
      ...one.map((line) => line.slice(2)),
      '  out.end(entry);',
      '}',
    ];
  }
  if (field.repeated && !isMessage(field) && scalarOf(field).wire !== 2) {
    return [
      `if (${value} !== undefined && ${value}.length > 0) {`,
      `  out.uint32(${tagOf(field, 2)});`,
      '  const packed = out.begin();',
      `  for (const one of ${value}) out.${scalarOf(field).write}(${written(field, 'one')});`,
      '  out.end(packed);',
      '}',
    ];
  }
  if (field.repeated) {
    return [
      `for (const one of ${value} ?? []) {`,
      ...writeValue(field, 'one', field.id).map((line) => `  ${line}`),
      '}',
    ];
  }
  const isThere =
    isOptional(field) || field.type === 'bytes'
      ? `${value} !== undefined`
      : `${value} !== undefined && ${value} !== ${scalarOf(field).zero}`;
  return [`if (${isThere}) {`, ...writeValue(field, value, field.id).map((line) => `  ${line}`), '}'];
}

function writeValue(field: protobuf.Field, value: string, id: number): string[] {
  if (!isMessage(field)) {
    const { wire, write } = scalarOf(field);
    return [`out.uint32(${id * 8 + wire});`, `out.${write}(${written(field, value)});`];
  }
  const begun = `${field.name}At`;
  return [
    `out.uint32(${id * 8 + 2});`,
    `const ${begun} = out.begin();`,
    `write${field.resolvedType!.name}(out, ${value});`,
    `out.end(${begun});`,
  ];
}

function written(field: protobuf.Field, value: string): string {
  return field.type === 'bool' ? `${value} ? 1 : 0` : value;
}

function readText(message: protobuf.Type): string {
  const fields = message.fieldsArray;
  const oneofs = message.oneofsArray.map(({ fieldsArray }) => fieldsArray);
  const starts = fields.map((field) => `  ${startOf(field)}`);
  const cases = fields.flatMap((field) => readField(field, oneofs).map((line) => `      ${line}`));
  return [
    `export function read${message.name}(input: ProtoReader): ${message.name} {`,
    ...starts,
    '  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {',
    '    switch (tag) {',
    ...cases,
    '      default:',
    '        input.skip(tag);',
    '    }',
    '  }',
    `  return { ${fields.map(({ name }) => name).join(', ')} };`,
    '}',
  ].join('\n');
}

function startOf(field: protobuf.Field): string {
  const one = elementType(field, '');
  if (field instanceof protobuf.MapField) return `const ${field.name} = new Map<string, ${one}>();`;
  if (field.repeated) return `const ${field.name}: ${one}[] = [];`;
  if (isOptional(field)) return `let ${field.name}: ${one} | undefined;`;
  const { type, zero } = scalarOf(field);
  return `let ${field.name}: ${type} = ${zero};`;
}

function readField(field: protobuf.Field, oneofs: readonly (readonly protobuf.Field[])[]): string[] {
  const { name } = field;
  const wire = isMessage(field) ? 2 : scalarOf(field).wire;
  if (field instanceof protobuf.MapField) {
    return [
      `case ${tagOf(field, 2)}:`,
      '  input.within((entry) => {',
      `    let key = '';`,
      `    let one: ${elementType(field, '')}${isMessage(field) ? ' | undefined' : ` = ${scalarOf(field).zero}`};`,
      '    for (let inner = entry.tag(); inner !== 0; inner = entry.tag()) {',
      '      if (inner === 10) key = entry.string();',
      `      else if (inner === ${16 + wire}) one = ${readValue(field, 'entry')};`,
      '      else entry.skip(inner);',
      '    }',
      isMessage(field) ? `    if (one !== undefined) ${name}.set(key, one);` : `    ${name}.set(key, one);`,
      '  });',
      '  break;',
    ];
  }
  if (field.repeated && wire !== 2) {
    return [
      `case ${tagOf(field, 2)}:`,
      '  input.within((packed) => {',
      `    while (packed.hasMore) ${name}.push(packed.${scalarOf(field).read}());`,
      '  });',
      '  break;',
      `case ${tagOf(field, wire)}:`,
      `  ${name}.push(${readValue(field, 'input')});`,
      '  break;',
    ];
  }
  const others = oneofs.find((fields) => fields.includes(field))?.filter((other) => other !== field) ?? [];
  const take = field.repeated
    ? `${name}.push(${readValue(field, 'input')});`
    : `${name} = ${readValue(field, 'input')};`;
  const cleared = others.length === 0 ? [] : [`  ${others.map((other) => `${other.name} = `).join('')}undefined;`];
  return [`case ${tagOf(field, wire)}:`, `  ${take}`, ...cleared, '  break;'];
}

function readValue(field: protobuf.Field, input: string): string {
  return isMessage(field) ? `${input}.within(read${field.resolvedType!.name})` : `${input}.${scalarOf(field).read}()`;
}
