import { describe, expect, it } from 'vitest';
import { eventSource, kafka, t } from '../../core/index.ts';
import { createOnlineWorld } from '../../test/online/online-world.ts';

const push = `mutation ($input: PushInput!) { push(input: $input) {
  accepted positions { partition offset arrival } rejected { index code message }
} }`;
const landing = { flightId: 7, landedAt: '2001-06-01T11:59:00Z', origin: 'ATL', destination: 'ORD', delayMinutes: 3 };

describe('push', () => {
  it('refuses a source whose topic is not in JSON, and says where to produce', async () => {
    const order = eventSource('orders', {
      fields: { orderId: t.int64 },
      eventTime: 'at',
      stream: kafka('orders', { format: 'avro' }),
    });
    const world = await createOnlineWorld({ definitions: { order } });
    const refused = await world.query(push, { input: { source: 'orders', events: [{}] } });
    expect(refused.errors?.[0]?.message).toMatch(/orders: .*cannot be pushed to; expected a topic in JSON; got avro/);
    expect(world.appended).toEqual([]);
  });

  it('appends what parses, keeps the rest as dead letters, and says which', async () => {
    const world = await createOnlineWorld();
    const data = await world.data(push, {
      input: {
        source: 'landings',
        events: [landing, { ...landing, delayMinutes: 'late' }, 'ATL', { ...landing, flightId: null }, landing],
      },
    });
    expect(data.push).toEqual({
      accepted: 2,
      positions: [
        { partition: 0, offset: 0, arrival: expect.stringMatching(/^2001-06-01T12:00:00/) },
        { partition: 0, offset: 1, arrival: expect.stringMatching(/^2001-06-01T12:00:00/) },
      ],
      rejected: [
        { index: 1, code: 'BAD_RECORD', message: expect.stringMatching(/events\[1\].*delayMinutes.*int64.*late/) },
        { index: 2, code: 'BAD_RECORD', message: expect.stringMatching(/events\[2\]: expected an object.*"ATL"/) },
        { index: 3, code: 'BAD_RECORD', message: expect.stringMatching(/events\[3\].*flightId/) },
      ],
    });
    expect(world.appended).toHaveLength(1);
    const [{ topic, entries }] = world.appended as [(typeof world.appended)[number]];
    expect(topic).toBe('landings');
    expect(entries.map(({ key }) => key)).toEqual(['7', '7']);
    expect(JSON.parse(Buffer.from(entries[0]!.payload).toString())).toEqual(landing);
    expect(world.letters.map(({ source, code, payload }) => [source, code, JSON.parse(payload)])).toEqual([
      ['landings', 'BAD_RECORD', { ...landing, delayMinutes: 'late' }],
      ['landings', 'BAD_RECORD', 'ATL'],
      ['landings', 'BAD_RECORD', { ...landing, flightId: null }],
    ]);
    expect(world.refused).toEqual([['landings', 3]]);
    const listed = await world.data(
      '{ deadLetters(source: "landings", first: 2) { partition offset at code reason payload } deadLetterCounts { source records } }',
    );
    expect(listed).toEqual({
      deadLetters: [
        {
          partition: null,
          offset: null,
          at: expect.stringMatching(/^2001-06-01T12:00:00/),
          code: 'BAD_RECORD',
          reason: expect.stringContaining('flightId'),
          payload: JSON.stringify({ ...landing, flightId: null }),
        },
        expect.objectContaining({ payload: '"ATL"' }),
      ],
      deadLetterCounts: [{ source: 'landings', records: 3 }],
    });
    const unknown = await world.query('{ deadLetters(source: "landing") { code } }');
    expect(unknown.errors?.[0]?.message).toMatch(/no source 'landing'.*Did you mean 'landings'/);
    const all = await world.query('{ deadLetters(source: "landings", first: 100000) { code } }');
    expect(all.errors?.[0]?.message).toMatch(/deadLetters\.first.*0 to 1000; got 100000/);
  });

  it('keeps the rows of one key in one partition', async () => {
    const world = await createOnlineWorld();
    const row = { iata: 'ATL', name: 'Hartsfield', openedAt: null, validFrom: '2001-05-20', runways: null };
    await world.data(push, { input: { source: 'facts', events: [row, { ...row, iata: 'ORD' }] } });
    expect(world.appended[0]!.topic).toBe('push.facts');
    expect(world.appended[0]!.entries.map(({ key }) => key)).toEqual(['["ATL"]', '["ORD"]']);
  });

  it('refuses an unknown source, too many events and events that are too big', async () => {
    const world = await createOnlineWorld({ limits: { pushedEvents: 1, eventBytes: 200 } });
    const unknown = await world.query(push, { input: { source: 'landing', events: [] } });
    expect(unknown.errors?.[0]?.message).toMatch(/no source 'landing'.*Did you mean 'landings'/);
    const many = await world.query(push, { input: { source: 'landings', events: [landing, landing] } });
    expect(many.errors?.[0]?.message).toMatch(/push\.landings\.events.*at most 1; got 2/);
    const big = await world.data(push, {
      input: { source: 'landings', events: [{ ...landing, note: 'x'.repeat(300) }] },
    });
    expect(big.push).toMatchObject({ accepted: 0, rejected: [{ code: 'LIMIT_EXCEEDED' }] });
    expect(world.appended).toEqual([]);
  });
});
