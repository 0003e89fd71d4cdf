import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';
import type { Principal } from './access/principal.ts';
import type { Stream } from './streams.ts';

/** One operation, parsed and valid for the graph that executes it. */
export interface GraphRequest {
  /** The same text should come as the same object: plans are cached by identity. */
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  readonly principal: Principal;
  /** Aborts when the client leaves or the time limit passes. */
  readonly signal: AbortSignal;
}

export type GraphResult = ExecutionResult<Record<string, unknown>>;

/** A whole response as the JSON that a client gets, `{"data": …}`, or one with errors, which others have to look at. */
export type DirectAnswer = string | Buffer | GraphResult;

/** Answers a query of one document; null = with these variables it takes the whole way. */
export type AnswerDirectly = (request: Pick<GraphRequest, 'variables' | 'principal'>) => Promise<DirectAnswer> | null;

export type GraphResultStream = Stream<GraphResult>;

/**
 * A schema with the means to execute it: a subgraph in process, a subgraph at a URL, or the supergraph.
 * Immutable; a new revision is a new graph, and what runs on the old one goes on there.
 */
export interface Graph {
  /** What clients may ask. */
  readonly schema: GraphQLSchema;
  execute(request: GraphRequest): Promise<GraphResult | GraphResultStream>;
  /**
   * The short way of a query, with the same answers: no result is built that is only written out again. null = it has none.
   * What it answers comes soon or never did: it needs no watching.
   */
  direct?(document: DocumentNode, operationName: string | null): AnswerDirectly | null;
}

/** The newest graph, as what serves it sees it. */
export interface GraphSource {
  current(): Graph;
  /** Calls back with each newer graph; returns the stop. */
  onChange(listener: (graph: Graph) => void): () => void;
}

export function isStream(result: GraphResult | GraphResultStream): result is GraphResultStream {
  return Symbol.asyncIterator in result;
}

/** A graph that never changes. */
export function fixedGraph(graph: Graph): GraphSource {
  return { current: () => graph, onChange: () => () => {} };
}
