const space = /[ \t\r\n]*/y;
const text = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** `3:14`: where a text stops being JSON, which V8's messages do not always say. */
export function jsonErrorPlace(json: string): string {
  const before = json.slice(0, jsonErrorOffset(json)).split('\n');
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

function jsonErrorOffset(json: string): number {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(json)) return false;
    at = pattern.lastIndex;
    return true;
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
    return take(text) && takeMark(':') && takeValue();
  };
  const takeValue = (): boolean => {
    if (takeMark('{')) return takeMembers('}', takeProperty);
    if (takeMark('[')) return takeMembers(']', takeValue);
    return take(text) || take(scalar);
  };
  if (takeValue()) take(space);
  return at;
}
