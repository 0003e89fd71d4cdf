import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { AsofError } from '../core/errors/asof-error.ts';
import { createOnlineWorld } from '../test/online/online-world.ts';
import { composeSupergraph } from './supergraph.ts';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])';

async function onlineTypeDefs(): Promise<string> {
  const { subgraph, registry } = await createOnlineWorld();
  return subgraph.schemaFor(registry).typeDefs;
}

describe('composition', () => {
  it("lets a product's own subgraph extend an entity, and shows clients no federation", async () => {
    const { supergraphSdl, publicSdl } = composeSupergraph([
      { name: 'online', typeDefs: await onlineTypeDefs() },
      {
        name: 'weather',
        typeDefs: `${link} type Airport @key(fields: "iata") { iata: String! forecast: String }`,
        url: 'http://weather.test/graphql',
      },
    ]);
    expect(supergraphSdl).toMatch(/WEATHER @join__graph\(name: "weather", url: "http:\/\/weather\.test\/graphql"\)/);
    const fields = buildSchema(publicSdl).getType('Airport')!.toConfig();
    expect(Object.keys('fields' in fields ? fields.fields : {}).sort()).toEqual([
      'airportFacts',
      'forecast',
      'haul',
      'iata',
      'originDelays',
    ]);
    expect(publicSdl).not.toMatch(/join__|_entities|@key/);
  });

  it('names every problem when subgraphs do not fit', async () => {
    const clash = `${link} type Airport @key(fields: "iata") { iata: String! originDelays: Int }`;
    const subgraphs = [
      { name: 'online', typeDefs: await onlineTypeDefs() },
      { name: 'clash', typeDefs: clash },
    ];
    expect(() => composeSupergraph(subgraphs)).toThrow(AsofError);
    expect(() => composeSupergraph(subgraphs)).toThrow(
      /supergraph: the subgraphs do not compose.*Airport\.originDelays/s,
    );
  });

  it('names the subgraph whose SDL does not parse', () => {
    expect(() => composeSupergraph([{ name: 'odd', typeDefs: 'type {' }])).toThrow(
      /subgraphs\.odd: the SDL of subgraph 'odd' does not parse.*Expected Name/,
    );
  });
});
