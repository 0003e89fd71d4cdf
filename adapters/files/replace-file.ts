import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';

/** Replaces a file's text in one step: a reader, or a start after `kill -9`, sees the old text or the new, whole. */
export function replaceFileSync(file: string, text: string, { sync = false }: { readonly sync?: boolean } = {}): void {
  const fresh = `${file}.${process.pid}.new`;
  const descriptor = openSync(fresh, 'w');
  try {
    writeSync(descriptor, text);
    if (sync) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(fresh, file);
}

/** The same without blocking; `sync` waits for the disk, which survives a power cut too. One writer per file at a time. */
export async function replaceFile(
  file: string,
  text: string,
  { sync = false }: { readonly sync?: boolean } = {},
): Promise<void> {
  const fresh = `${file}.${process.pid}.new`;
  const handle = await open(fresh, 'w');
  try {
    await handle.writeFile(text);
    if (sync) await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}
