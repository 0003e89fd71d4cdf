import { lineAndColumn } from './line-and-column.ts';

const space = /[ \t\r\n]*/y;
const characters = /[^"\\\p{Cc}]*/uy;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Looking deeper takes stack. */
const deepestLevel = 1_000;

/** `3:14`: where a text stops being JSON, which V8's messages do not always say. */
export function jsonErrorPlace(json: string): string {
  return lineAndColumn(json, jsonErrorOffset(json));
}

function jsonErrorOffset(json: string): number {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(json)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const takeText = (): boolean => {
    const start = at;
    if (json[at] === '"') {
      at += 1;
      do take(characters);
      while (take(escaped));
      if (json[at] === '"') {
        at += 1;
        return true;
      }
    }
    at = start;
    return false;
  };
  const takeMark = (mark: string): boolean => {
    take(space);
    if (json[at] !== mark) return false;
    at += 1;
    return true;
  };
  const takeMembers = (end: string, takeMember: () => boolean): boolean => {
    if (takeMark(end)) return true;
    do {
      if (!takeMember()) return false;
    } while (takeMark(','));
    return takeMark(end);
  };
  const takeProperty = (): boolean => {
    take(space);
    return takeText() && takeMark(':') && takeValue();
  };
  let level = 0;
  const takeNested = (end: string, takeMember: () => boolean): boolean => {
    level += 1;
    const isSound = level <= deepestLevel && takeMembers(end, takeMember);
    level -= 1;
    return isSound;
  };
  const takeValue = (): boolean => {
    if (takeMark('{')) return takeNested('}', takeProperty);
    if (takeMark('[')) return takeNested(']', takeValue);
    return takeText() || take(scalar);
  };
  if (takeValue()) take(space);
  return at;
}
