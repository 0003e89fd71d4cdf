import { parse } from 'graphql';
import { beforeEach, expect, it } from 'vitest';
import { localPrincipal } from './access/principal.ts';
import type { GraphRequest, GraphResult } from './graph.ts';
import { createSharedResults, operationIdentity, type ShareResult } from './shared-results.ts';

let share: ShareResult;
let executed: string[];
beforeEach(() => {
  share = createSharedResults();
  executed = [];
});

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

function asked(of: object, as: string, operation: string): Promise<GraphResult> | GraphResult {
  return share({ of, as }, operation, async () => {
    executed.push(`${as} ${operation}`);
    return { data: { of, as, operation } };
  });
}

it('executes once for all who take the event together', async () => {
  const event = {};
  const results = await Promise.all([asked(event, 'ATL', 'a'), asked(event, 'ATL', 'a'), asked(event, 'ATL', 'a')]);
  expect(new Set(results).size).toBe(1);
  expect(executed).toEqual(['ATL a']);
});

it('executes for each what differs in the event, in its place or in the operation', async () => {
  const [event, other] = [{}, {}];
  const results = await Promise.all([
    asked(event, 'ATL', 'a'),
    asked(event, 'ORD', 'a'),
    asked(event, 'ATL', 'b'),
    asked(other, 'ATL', 'a'),
  ]);
  expect(new Set(results).size).toBe(4);
  expect(results.map(({ data }) => [data!.of === event, data!.as, data!.operation])).toEqual([
    [true, 'ATL', 'a'],
    [true, 'ORD', 'a'],
    [true, 'ATL', 'b'],
    [false, 'ATL', 'a'],
  ]);
});

it('executes anew for who takes it later', async () => {
  const event = {};
  const first = await asked(event, 'ATL', 'a');
  await nextTurn();
  expect(await asked(event, 'ATL', 'a')).not.toBe(first);
  expect(executed).toHaveLength(2);
});

it('tells operations apart by document, name, variables and principal', () => {
  const document = parse('subscription A { a } subscription B { a }');
  const request: GraphRequest = {
    document,
    operationName: 'A',
    variables: { keys: ['ATL'], from: 9_007_199_254_740_993n },
    requestId: '1',
    principal: localPrincipal,
    signal: new AbortController().signal,
  };
  const same = operationIdentity({ ...request, requestId: '2', signal: new AbortController().signal });
  expect(operationIdentity(request)).toBe(same);
  const others = [
    { ...request, document: parse('subscription A { a }') },
    { ...request, operationName: 'B' },
    { ...request, operationName: null },
    { ...request, variables: { keys: ['ORD'], from: 9_007_199_254_740_993n } },
    { ...request, variables: { keys: ['ATL'], from: 9_007_199_254_740_992n } },
    { ...request, principal: { ...localPrincipal, role: 'reader' as const } },
    { ...request, principal: { ...localPrincipal, name: 'ann' } },
  ];
  expect(new Set([same, ...others.map(operationIdentity)]).size).toBe(others.length + 1);
});
