/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/**
 * Why a cell has the value it has. UNAVAILABLE is told by featureVectors only: the store did not answer for the key, and
 * nothing is known of it; elsewhere that is an error of the field.
 */
export type CellStatus =
  | 'EXPIRED'
  | 'NOT_FOUND'
  | 'NOT_READY'
  | 'NULL'
  | 'PRESENT'
  | 'UNAVAILABLE';

export type AirportsQueryVariables = Exact<{
  iata: Array<string> | string;
}>;


export type AirportsQuery = { airports: Array<{ iata: string, airportFacts: { name: string | null, city: string | null } | null, originDelays: { landed1h: number | string | null, meanDelay1h: number | null, lateShare24h: number | null, meta: { status: CellStatus, eventTime: string | null, readAt: string } } | null } | null> };

export type AirportChangesSubscriptionVariables = Exact<{
  iata: Array<string> | string;
}>;


export type AirportChangesSubscription = { airportChanged: { iata: string, originDelays: { landed1h: number | string | null, worstDelay24h: number | string | null, meta: { status: CellStatus, readAt: string } } | null } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const AirportsDocument = new TypedDocumentString(`
    query Airports($iata: [String!]!) {
  airports(iata: $iata) {
    iata
    airportFacts {
      name
      city
    }
    originDelays {
      landed1h
      meanDelay1h
      lateShare24h
      meta {
        status
        eventTime
        readAt
      }
    }
  }
}
    `, {"hash":"sha256:8f7bd4ed530d3a8bf1ce5978cd7a0949954749caa2532d3dbc99887074d84d96"}) as unknown as TypedDocumentString<AirportsQuery, AirportsQueryVariables>;
export const AirportChangesDocument = new TypedDocumentString(`
    subscription AirportChanges($iata: [String!]!) {
  airportChanged(iata: $iata, initial: true) {
    iata
    originDelays {
      landed1h
      worstDelay24h
      meta {
        status
        readAt
      }
    }
  }
}
    `, {"hash":"sha256:763e3561848a849d1dc5b0f7449b01873b8db1ec9df85172a0ef3bf3979c1fb2"}) as unknown as TypedDocumentString<AirportChangesSubscription, AirportChangesSubscriptionVariables>;