import { readFileSync } from 'node:fs';

/** The fenced blocks of a page in one language. */
export function blocksOf(page: string, language: string): string[] {
  const markdown = readFileSync(page, 'utf8');
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text!);
}
