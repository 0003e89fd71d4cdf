import type { DocumentNode } from 'graphql';
import type { GraphRequest, GraphResult } from './graph.ts';

/** What makes events of several subscriptions the same event. */
export interface EventIdentity {
  /** One object for all of them. */
  readonly of: object;
  /** Where events differ that have it in common. */
  readonly as: string;
}

type Answer = GraphResult | Promise<GraphResult>;

/** Executes an operation for an event once for all subscriptions that are alike and take the event together. */
export type ShareResult = (event: EventIdentity, operation: string, execute: () => Answer) => Answer;

/**
 * A result is shared with whoever takes the event before this process looks at its input again. Who takes it later, because
 * it was busy with what came before, gets what is true then.
 */
export function createSharedResults(): ShareResult {
  let shared: Map<object, Map<string, Map<string, Answer>>> | null = null;
  return ({ of, as }, operation, execute) => {
    if (shared === null) {
      shared = new Map();
      setImmediate(() => {
        shared = null;
      });
    }
    const results = getOrAdd(getOrAdd(shared, of), as);
    let answer = results.get(operation);
    if (answer === undefined) {
      answer = execute();
      results.set(operation, answer);
    }
    return answer;
  };
}

function getOrAdd<K, L, V>(maps: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let map = maps.get(key);
  if (map === undefined) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}

/** Numbers documents, which are the same object for the same text. */
const numbers = new WeakMap<DocumentNode, number>();
let documents = 0;

/** The same text for operations that are alike: the same document, with the same variables, for the same principal. */
export function operationIdentity({ document, operationName, variables, principal }: GraphRequest): string {
  let number = numbers.get(document);
  if (number === undefined) {
    number = ++documents;
    numbers.set(document, number);
  }
  const asText = (_name: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);
  return JSON.stringify([number, operationName, variables, principal], asText);
}
