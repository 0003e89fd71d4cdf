import { bindings, type Vector } from './bindings.ts';
import { inlineBytes } from './read-text.ts';

/** Short texts of ASCII are written as DuckDB keeps them, all at once; it makes room for each of the others itself. */
export function writeTexts(vector: Vector, texts: readonly (string | null)[]): void {
  const items = new Uint8Array(16 * texts.length);
  const others: number[] = [];
  for (let row = 0; row < texts.length; row++) {
    const text = texts[row]!;
    if (text !== null && !writeInline(items, 16 * row, text)) others.push(row);
  }
  bindings.copy_data_to_vector(vector, 0, items.buffer, 0, items.byteLength);
  for (const row of others) bindings.vector_assign_string_element(vector, row, texts[row]!);
}

/** Length (4 bytes, of which one is enough), then the text; false where it is too long or not ASCII. */
function writeInline(items: Uint8Array, start: number, text: string): boolean {
  if (text.length > inlineBytes) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) {
      items.fill(0, start, start + 16);
      return false;
    }
    items[start + 4 + i] = code;
  }
  items[start] = text.length;
  return true;
}
