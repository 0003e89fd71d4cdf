import type { Dispatcher } from 'undici';
import { AsofError } from '../core/errors/asof-error.ts';
import type { SubgraphAddress } from './subgraph.ts';
import type { SubgraphAddresses, SubgraphProcess } from './subgraph-addresses.ts';

/** Requests to the processes of a subgraph, over connections that are kept. */
export interface SubgraphHttp {
  /**
   * UNAVAILABLE when none of them can be asked, or one leaves half-way.
   *
   * @param signal aborts the asking, with its reason
   */
  ask(request: HttpAsk, signal?: AbortSignal): Asking;
}

export interface HttpAsk {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether it may be asked again, or of another process, when it is not known whether one has read it. */
  readonly isRepeatable: boolean;
}

export interface Asking {
  readonly answer: Promise<HttpAnswer>;
  /** Nobody waits any more: `answer` rejects with `reason`, unless it is there. */
  abort(reason: unknown): void;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** The connection was never there, so nobody has read the request. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

export function createSubgraphHttp(
  { name, token }: Pick<SubgraphAddress, 'name' | 'token'>,
  addresses: SubgraphAddresses,
): SubgraphHttp {
  return {
    ask(request, signal) {
      const shown = token();
      const headers = shown === null ? request.headers : { ...request.headers, authorization: `Bearer ${shown}` };
      const answering = new Answering({ ...request, headers }, addresses, name);
      if (signal !== undefined) answering.abortWith(signal);
      return answering;
    },
  };
}

/**
 * Collects one answer, from another process where one is going away. undici's own `request` makes a stream of each body,
 * which takes longer than the rest.
 */
class Answering implements Asking, Dispatcher.DispatchHandler {
  readonly answer: Promise<HttpAnswer>;
  readonly #request: HttpAsk;
  readonly #addresses: SubgraphAddresses;
  readonly #name: string;
  #resolve!: (answer: HttpAnswer) => void;
  #reject!: (error: unknown) => void;
  #process!: SubgraphProcess;
  /** One that was kept may be closed as it is used: the same process gets a second chance. */
  #attemptsLeft: number;
  #controller: Dispatcher.DispatchController | null = null;
  #reason: unknown = null;
  #status = 0;
  #headers: HttpAnswer['headers'] = {};
  #chunks: Buffer[] = [];

  constructor(request: HttpAsk, addresses: SubgraphAddresses, name: string) {
    this.#request = request;
    this.#addresses = addresses;
    this.#name = name;
    this.#attemptsLeft = addresses.count + 1;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#dispatch();
  }

  abort(reason: unknown): void {
    this.#reason = reason;
    this.#reject(reason);
    this.#controller?.abort(reason instanceof Error ? reason : new Error('aborted'));
  }

  abortWith(signal: AbortSignal): void {
    const leave = () => this.abort(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    const forget = () => signal.removeEventListener('abort', leave);
    this.answer.then(forget, forget);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#reason !== null) this.abort(this.#reason);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: HttpAnswer['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    // It is starting or stopping; where it is the only one, what it says is the answer.
    if (this.#status === 503 && this.#addresses.count > 1 && this.#askAgain(this.#request.isRepeatable)) return;
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const { code } = error as NodeJS.ErrnoException;
    if (this.#askAgain(this.#request.isRepeatable || neverSent.has(code ?? ''))) return;
    this.#reject(unavailable(this.#name, error));
  }

  #askAgain(may: boolean): boolean {
    this.#addresses.failed(this.#process);
    if (!may || this.#reason !== null || this.#attemptsLeft === 0) return false;
    this.#chunks = [];
    this.#dispatch();
    return true;
  }

  #dispatch(): void {
    const { method, path, headers, body = null } = this.#request;
    this.#attemptsLeft--;
    this.#process = this.#addresses.pick();
    try {
      this.#process.pool.dispatch({ method, path, headers, body }, this);
    } catch (error) {
      this.#reject(unavailable(this.#name, error));
    }
  }
}

export function unavailable(name: string, cause: unknown): AsofError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const got = inner instanceof Error ? inner.message : typeof inner === 'string' ? inner : 'a closed connection';
  const remedy = `Check that the ${name} process runs and that its address is right.`;
  return new AsofError('UNAVAILABLE', `the subgraph '${name}' does not answer`, { got, remedy }, { cause });
}
