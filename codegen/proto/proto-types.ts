import protobuf from 'protobufjs';
import { messageText } from './message-text.ts';

/** One generated module: the TypeScript of a .proto and of what it imports. */
export interface ProtoModule {
  /** Names of the .proto files, for the first line. */
  readonly from: readonly string[];
  readonly text: string;
}

/**
 * The types of .proto files, with functions that write and read them, and their services. It is ours because those of
 * other hands either need a compiler that npm does not bring, or make an object of every int64.
 *
 * @param folder where imports are looked up
 */
export async function protoModule(folder: string, from: readonly string[]): Promise<ProtoModule> {
  const root = new protobuf.Root();
  root.resolvePath = (origin, target) =>
    origin === '' || protobuf.common.get(target) === null ? `${folder}/${target}` : target;
  await root.load([...from], { keepCase: false, alternateCommentMode: true });
  root.resolveAll();
  const found = collect(root);
  const parts = [...found.enums.map(enumText), ...found.messages.map(messageText), ...found.services.map(serviceText)];
  const imports = [
    found.messages.some((message) => message.fieldsArray.some(({ type }) => type === 'int64'))
      ? `import type { Integer } from '../../../core/values/integers.ts';`
      : null,
    found.services.length === 0 ? null : `import type { GrpcMethod } from '../grpc-method.ts';`,
    `import type { ProtoReader } from '../proto-reader.ts';`,
    `import type { ProtoWriter } from '../proto-writer.ts';`,
  ].filter((line) => line !== null);
  const head = `// Written by \`npm run codegen\` from ${from.map((name) => `${folder}/${name}`).join(', ')}.`;
  return { from, text: `${[head, imports.join('\n'), ...parts].join('\n\n')}\n` };
}

interface Found {
  readonly enums: protobuf.Enum[];
  readonly messages: protobuf.Type[];
  readonly services: protobuf.Service[];
}

function collect(namespace: protobuf.NamespaceBase, found: Found = { enums: [], messages: [], services: [] }): Found {
  for (const child of namespace.nestedArray) {
    if (child instanceof protobuf.Enum) found.enums.push(child);
    if (child instanceof protobuf.Type) found.messages.push(child);
    if (child instanceof protobuf.Service) found.services.push(child);
    if (child instanceof protobuf.Namespace || child instanceof protobuf.Type) collect(child, found);
  }
  return found;
}

function enumText({ name, values }: protobuf.Enum): string {
  const entries = Object.entries(values).map(([key, value]) => `  ${key}: ${value},`);
  return `export const ${name} = {\n${entries.join('\n')}\n} as const;`;
}

function serviceText(service: protobuf.Service): string {
  const path = service.fullName.slice(1);
  const methods = service.methodsArray.map((method) => {
    const [request, response] = [method.resolvedRequestType!.name, method.resolvedResponseType!.name];
    const name = method.name.charAt(0).toLowerCase() + method.name.slice(1);
    return [
      `  ${name}: {`,
      `    path: '/${path}/${method.name}',`,
      `    requestStream: ${method.requestStream === true},`,
      `    responseStream: ${method.responseStream === true},`,
      `    readRequest: read${request},`,
      `    writeRequest: write${request},`,
      `    readResponse: read${response},`,
      `    writeResponse: write${response},`,
      `  } satisfies GrpcMethod<${request}, ${request}Given, ${response}, ${response}Given>,`,
    ].join('\n');
  });
  const constant = service.name.charAt(0).toLowerCase() + service.name.slice(1);
  return `export const ${constant}Methods = {\n${methods.join('\n')}\n};`;
}
