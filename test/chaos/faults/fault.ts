import type { World } from '../world.ts';

/** Something goes wrong, and is mended: `strike` resolves when it is. */
export interface Fault {
  /** Its number in docs/reliability.md. */
  readonly number: number;
  readonly name: string;
  /** Whether history must be on a disk of its own. */
  readonly needsSmallDisk?: true;
  strike(world: World, scale: Scale): Promise<void>;
}

export interface Scale {
  /** How long what is "gone" stays away. */
  readonly goneMillis: number;
}

/** So long it takes an orchestrator to notice that a process has ended. */
export const noticeMillis = 1_000;
