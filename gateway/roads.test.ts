import { parse, validate } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { composeSupergraph } from '../codegen/supergraph.ts';
import { localPrincipal } from '../runtime/access/principal.ts';
import { type DirectAnswer, type GraphRequest, type GraphResult, isStream } from '../runtime/graph.ts';
import { createLogger } from '../runtime/logging.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { createTinyWorld, registryAt } from '../test/gateway/tiny-subgraphs.ts';
import { createOnlineWorld, noon, type OnlineWorld } from '../test/online/online-world.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { createLoneSubgraphs, type FindLoneSubgraph } from './lone-subgraph.ts';
import { createQueryPlans, type QueryPlans } from './query-plans.ts';
import { localParts, type SubgraphPart } from './subgraph.ts';

interface Roads {
  readonly parts: readonly SubgraphPart[];
  readonly gateway: Gateway;
  readonly plans: QueryPlans;
  readonly findLone: FindLoneSubgraph;
}

async function roadsOver(parts: readonly SubgraphPart[]): Promise<Roads> {
  const gateway = createGateway({ metrics: createMetrics(), logger: createLogger({ name: 'test', level: 'silent' }) });
  await gateway.update(parts);
  const { supergraphSdl } = composeSupergraph(parts);
  const names = parts.map(({ name }) => name);
  const plans = await createQueryPlans(supergraphSdl, names);
  return { parts, gateway, plans, findLone: createLoneSubgraphs(supergraphSdl, plans.schema) };
}

let tiny: Roads;
let online: Roads;
let world: OnlineWorld;

beforeAll(async () => {
  tiny = await roadsOver(localParts(createTinyWorld().subgraphs, registryAt(1)));
  world = await createOnlineWorld();
  const landing = (flightId: number, minutesAgo: number, more: object = {}) => {
    const landedAt = new Date(noon - minutesAgo * 60_000).toISOString();
    return { flightId, landedAt, origin: 'ATL', destination: 'ORD', delayMinutes: 10, fare: '1.10', ...more };
  };
  await world.apply('landings', [landing(1, 30), landing(2, 20, { fare: 2.2 }), landing(4, 10, { origin: 'ORD' })]);
  await world.apply('facts', [
    { iata: 'ATL', name: 'Hartsfield', openedAt: '1999-05-03', validFrom: '2001-05-20', runways: ['8L', '9R'] },
  ]);
  await world.clock.advance(1_000);
  const [catalog] = localParts(createTinyWorld().subgraphs, registryAt(1));
  online = await roadsOver([catalog!, ...localParts([world.subgraph], world.registry)]);
});

async function byBoth({ plans, gateway, parts }: Roads, text: string, variables: Record<string, unknown>) {
  const document = parse(text);
  expect(validate(plans.schema, document)).toEqual([]);
  const request: GraphRequest = {
    document,
    operationName: null,
    variables,
    requestId: 'r1',
    principal: localPrincipal,
    signal: new AbortController().signal,
  };
  const executors = new Map(parts.map(({ name, execute }) => [name, execute]));
  const answers = [await plans.execute(request, executors), await gateway.current().execute(request)];
  const direct = await gateway.current().direct?.(document, null)?.(request);
  if (direct !== undefined && direct !== null) answers.push(asResult(direct));
  return answers.map((answer) => {
    if (isStream(answer)) throw new Error('a stream');
    return textOf(answer);
  });
}

function asResult(answer: DirectAnswer): GraphResult {
  return typeof answer === 'string' || Buffer.isBuffer(answer) ? (JSON.parse(String(answer)) as GraphResult) : answer;
}

/** A plan's fetch has another text, so positions in it are not those of the client's. */
function textOf({ data, errors }: GraphResult): string {
  const told = errors?.map(({ message, path, extensions }) => ({ message, path, extensions }));
  return JSON.stringify({ data: data ?? null, ...(told && { errors: told }) });
}

describe('a query that one subgraph answers alone has the answer that its plan gives, to the byte', () => {
  it.each([
    '{ airport(iata: "ATL") { iata delay revision } }',
    '{ a: airport(iata: "ATL") { x: delay } b: airport(iata: "ORD") { x: delay y: iata } }',
    '{ airports(iata: ["ATL", "XXX", "ORD"]) { __typename ...F ... on Airport { revision } } } fragment F on Airport { iata delay }',
    'query ($codes: [String!]!, $s: Boolean!) { airports(iata: $codes) { iata delay @skip(if: $s) revision @include(if: $s) } reads }',
    '{ airport(iata: "XXX") { delay } reads }',
    '{ featureView(name: "x") { name owner } }',
    '{ pastReady __typename }',
  ])('%s', async (text) => {
    expect(tiny.findLone(parse(text), null)).not.toBeNull();
    for (const s of [true, false]) {
      const [planned, alone] = await byBoth(tiny, text, text.startsWith('query') ? { codes: ['ATL', 'ORD'], s } : {});
      expect(alone).toBe(planned);
    }
  });

  it.each([
    '{ airport(iata: "ATL") { iata originDelays { landed1h meanDelay1h meta { status readAt fresh } } } }',
    '{ airports(iata: ["ATL", "ORD", "XXX"]) { iata originDelays { landed1h meta { cells { name status defaulted } eventTime ageMillis version } } airportFacts { name runways openedAt } } }',
    '{ airport(iata: "ATL") { haul(distanceMiles: 1200) { isLong longAndLate meta { status } } } network { landed1m } }',
    'query ($d: Int64!) { airports(iata: ["ATL", "ORD"]) { haul(distanceMiles: $d) { isLong } } }',
    '{ route(origin: "ATL", destination: "ORD") { origin routeDelays { landed1h byDelay1h } } routes(keys: [{ origin: "ATL", destination: "ORD" }]) { destination routeDelays { landed1h } } }',
    '{ airport(iata: "ATL") { iata originDelays(version: 99) { landed1h } } }',
    '{ airports(iata: ["ATL", "ORD"]) { iata originDelays(maxAge: "5m") { landed1h } airportFacts { name } } }',
    '{ airport(iata: "ATL") { originDelays { view { name } } } }',
    '{ deadLetters(source: "nowhere") { reason } }',
  ])('%s', async (text) => {
    expect(online.findLone(parse(text), null)).toBe('online');
    const [planned, alone, direct = planned] = await byBoth(online, text, text.startsWith('query') ? { d: 1200 } : {});
    expect(alone).toBe(planned);
    expect(direct).toBe(planned);
  });

  it('which is answered directly where it is nothing but typed reads', async () => {
    const text = '{ airports(iata: ["ATL", "ORD"]) { iata originDelays { landed1h } } }';
    expect(await byBoth(online, text, {})).toHaveLength(3);
  });

  it.each([
    ['two subgraphs', '{ airport(iata: "ATL") { delay asOf(time: "2001-06-01T00:00:00Z") { delay } } }'],
    ['a field that it only refers to', '{ airport(iata: "ATL") { view { owner } } }'],
    ['roots of two', '{ reads pastReady }'],
    [
      'below a fragment',
      '{ airport(iata: "ATL") { ...F } } fragment F on Airport { view { ... on FeatureView { rows } } }',
    ],
    ['introspection', '{ reads __schema { queryType { name } } }'],
    ['nothing but a type name', '{ __typename }'],
    ['a mutation', 'mutation { add(by: 1) }'],
  ])('is planned otherwise: %s', (_what, text) => {
    expect(tiny.findLone(parse(text), null)).toBeNull();
  });
});
