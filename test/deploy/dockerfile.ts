/** One instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  readonly name: string;
  /** As in `--chown=node:node`. */
  readonly flags: ReadonlyMap<string, string>;
  /** The rest: words, or the elements of a JSON array. */
  readonly words: readonly string[];
}

/** From one FROM up to the next. */
export interface Stage {
  readonly base: string;
  /** null = it has none, as the last stage. */
  readonly name: string | null;
  readonly instructions: readonly Instruction[];
}

/** Reads the part of the language that ours uses: no variables, no heredocs, no parser directives. */
export function parseDockerfile(text: string): readonly Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n');
  const stages: { base: string; name: string | null; instructions: Instruction[] }[] = [];
  for (const instruction of lines.map(parseInstruction)) {
    if (instruction.name === 'FROM') {
      const [base = '', as, name] = instruction.words;
      stages.push({ base, name: as?.toUpperCase() === 'AS' && name !== undefined ? name : null, instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (stage === undefined) throw new Error(`${instruction.name} stands before the first FROM`);
      stage.instructions.push(instruction);
    }
  }
  return stages;
}

function parseInstruction(line: string): Instruction {
  const [, name = '', rest = ''] = /^\s*(\S+)\s*(.*)$/.exec(line) ?? [];
  const flags = new Map<string, string>();
  let words = rest;
  for (let flag = nextFlag(words); flag !== null; flag = nextFlag(words)) {
    flags.set(flag[1]!, flag[2]!);
    words = words.slice(flag[0].length);
  }
  return {
    name: name.toUpperCase(),
    flags,
    words: words.startsWith('[') ? JSON.parse(words) : words.trim().split(/\s+/),
  };
}

function nextFlag(text: string): RegExpExecArray | null {
  return /^--([\w-]+)=(\S+)\s+/.exec(text);
}

/** The words after CMD of a HEALTHCHECK, as it is tried in the container. */
export function healthCommand({ words }: Instruction): readonly string[] {
  const [, json] = /^CMD (\[.*\])$/.exec(words.join(' ')) ?? [];
  if (json === undefined) throw new Error(`HEALTHCHECK ${words.join(' ')}: expected CMD and a JSON array`);
  return JSON.parse(json);
}
