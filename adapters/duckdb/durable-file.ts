import { open } from 'node:fs/promises';

/** Brings a file's contents to the disk; returns its size in bytes. */
export async function makeDurable(path: string): Promise<number> {
  const file = await open(path, 'r+');
  try {
    await file.datasync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}
