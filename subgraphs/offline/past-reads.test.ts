import { describe, expect, it } from 'vitest';
import { createOnlineWorld, noon } from '../../test/online/online-world.ts';
import { joinReads } from './past-reads.ts';

describe('reads of the past', () => {
  it('refuses more than one join can hold, before it begins', async () => {
    const { registry } = await createOnlineWorld();
    const view = registry.views.get('origin_delays')![0]!;
    const offline = {
      join() {
        throw new Error('nothing should be joined');
      },
    };
    const read = { view, key: ['ATL'], time: noon, knownAt: null, maxAgeMillis: null };
    await expect(joinReads(offline, new Array(50_001).fill(read))).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });
});
