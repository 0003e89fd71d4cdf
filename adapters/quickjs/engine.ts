import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import packaged from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';

// The package declares the types of its CommonJS form; what an ES module gets is the variant itself.
const variant = packaged as unknown as QuickJSSyncVariant;

/** The engine asks whether to go on each time it has done this many steps: calls, turns of loops, moves of a regular expression. */
export const stepsPerPoll = 10;

const pageBytes = 65_536;
const startBytes = 16 * 1024 * 1024;
/** Far more than a call may take, so that QuickJS never meets the end of its memory between two looks at it. */
const memoryBytes = 96 * 1024 * 1024;

/** One QuickJS with a memory of its own, which grows and never shrinks. */
export interface Engine {
  readonly module: QuickJSWASMModule;
  readonly memory: WebAssembly.Memory;
}

/**
 * QuickJS, compiled to WebAssembly: it has no clock, no I/O and no memory but its own, and its floating point is the same
 * on every machine. As built it asks every 10,000 steps whether to go on, and a step may be a library call of a
 * millisecond; so the three places that set this count get a smaller one.
 *
 * @returns makes engines from what was compiled once
 */
export async function compileEngine(): Promise<() => Promise<Engine>> {
  const file = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm');
  const bytes = await readFile(file);
  askMoreOften(bytes);
  const wasmModule = await WebAssembly.compile(bytes);
  return async () => {
    const memory = new WebAssembly.Memory({ initial: startBytes / pageBytes, maximum: memoryBytes / pageBytes });
    const module = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmModule, wasmMemory: memory }));
    return { module, memory };
  };
}

/** `i32.const 10000` followed by `i32.store`; both forms of the number take three bytes. */
const asBuilt = Buffer.from([0x41, 0x90, 0xce, 0x00, 0x36, 0x02]);
const changed = Buffer.from([0x41, 0x80 | stepsPerPoll, 0x80, 0x00, 0x36, 0x02]);

function askMoreOften(bytes: Buffer): void {
  let places = 0;
  for (let at = bytes.indexOf(asBuilt); at >= 0; at = bytes.indexOf(asBuilt, at)) {
    changed.copy(bytes, at);
    places++;
  }
  if (places !== 3) throw new Error(`this build of QuickJS sets its interrupt count in ${places} places, not in 3`);
}
