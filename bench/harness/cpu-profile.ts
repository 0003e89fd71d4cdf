export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
}

/** What `node --cpu-prof` writes. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

/** A function as one calls it in a profile: its name, the end of its path, its line. */
export function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  return `${functionName} ${url.split('/').slice(-3).join('/')}:${lineNumber + 1}`;
}

/** Microseconds of the last of them, by what `groupOf` makes of the function that ran. */
export function sumOf(
  { nodes, samples, timeDeltas }: CpuProfile,
  lastMicros: number,
  groupOf: (frame: CallFrame) => string,
): Map<string, number> {
  const groups = new Map(nodes.map(({ id, callFrame }) => [id, groupOf(callFrame)]));
  const sums = new Map<string, number>();
  let left = lastMicros;
  for (let i = samples.length - 1; i >= 0 && left > 0; i--) {
    const group = groups.get(samples[i]!)!;
    sums.set(group, (sums.get(group) ?? 0) + timeDeltas[i]!);
    left -= timeDeltas[i]!;
  }
  return sums;
}

/** Who called whom, with the microseconds that each took together with whom it called. */
export interface CallTree {
  readonly name: string;
  micros: number;
  readonly calls: Map<string, CallTree>;
}

/** The last microseconds of a profile, without those in which nothing ran. */
export function callTreeOf({ nodes, samples, timeDeltas }: CpuProfile, lastMicros: number): CallTree {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const root: CallTree = { name: 'all', micros: 0, calls: new Map() };
  let left = lastMicros;
  for (let i = samples.length - 1; i >= 0 && left > 0; i--) {
    const micros = timeDeltas[i]!;
    left -= micros;
    const stack: string[] = [];
    for (let id: number | undefined = samples[i]!; id !== undefined; id = parents.get(id)) stack.push(names.get(id)!);
    if (stack[0]!.startsWith('(idle)')) continue;
    let tree = root;
    tree.micros += micros;
    // The last is the root of the profile.
    for (const name of stack.reverse().slice(1)) {
      let called = tree.calls.get(name);
      if (called === undefined) {
        called = { name, micros: 0, calls: new Map() };
        tree.calls.set(name, called);
      }
      called.micros += micros;
      tree = called;
    }
  }
  return root;
}
