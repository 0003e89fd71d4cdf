/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query Airports($iata: [String!]!) {\n    airports(iata: $iata) {\n      iata\n      airportFacts { name city }\n      originDelays { landed1h meanDelay1h lateShare24h meta { status eventTime readAt } }\n    }\n  }\n": typeof types.AirportsDocument,
    "\n  subscription AirportChanges($iata: [String!]!) {\n    airportChanged(iata: $iata, initial: true) {\n      iata\n      originDelays { landed1h worstDelay24h meta { status readAt } }\n    }\n  }\n": typeof types.AirportChangesDocument,
};
const documents: Documents = {
    "\n  query Airports($iata: [String!]!) {\n    airports(iata: $iata) {\n      iata\n      airportFacts { name city }\n      originDelays { landed1h meanDelay1h lateShare24h meta { status eventTime readAt } }\n    }\n  }\n": types.AirportsDocument,
    "\n  subscription AirportChanges($iata: [String!]!) {\n    airportChanged(iata: $iata, initial: true) {\n      iata\n      originDelays { landed1h worstDelay24h meta { status readAt } }\n    }\n  }\n": types.AirportChangesDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Airports($iata: [String!]!) {\n    airports(iata: $iata) {\n      iata\n      airportFacts { name city }\n      originDelays { landed1h meanDelay1h lateShare24h meta { status eventTime readAt } }\n    }\n  }\n"): typeof import('./graphql.ts').AirportsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription AirportChanges($iata: [String!]!) {\n    airportChanged(iata: $iata, initial: true) {\n      iata\n      originDelays { landed1h worstDelay24h meta { status readAt } }\n    }\n  }\n"): typeof import('./graphql.ts').AirportChangesDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
