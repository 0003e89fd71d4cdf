import type { RegistryState, RegistryWatcher } from '../../runtime/registry-watcher.ts';
import type { Part } from './parts/part.ts';

/**
 * From here on one part after the other takes up each newer revision; what fails for one does not keep the others from it.
 * Returns the stop.
 *
 * @param taken what the parts have begun with
 */
export function takeUpRevisions(
  parts: readonly Part[],
  watcher: Pick<RegistryWatcher, 'current' | 'onChange'>,
  { taken, onError }: { readonly taken: RegistryState | undefined; readonly onError: (error: unknown) => void },
): () => void {
  const takeUp = async (): Promise<void> => {
    for (const part of parts) await part.registryChanged?.().catch(onError);
  };
  const stop = watcher.onChange(() => void takeUp());
  if (watcher.current() !== taken) void takeUp();
  return stop;
}
