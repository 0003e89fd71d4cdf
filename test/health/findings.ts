import type { Finding } from '../../core/ports/health-check.ts';

export async function collected(findings: AsyncIterable<Finding>): Promise<Finding[]> {
  const all: Finding[] = [];
  for await (const finding of findings) all.push(finding);
  return all;
}

/** What is to be looked at or fails. */
export function bad(all: readonly Finding[]): Finding[] {
  return all.filter(({ level }) => level !== 'ok');
}
