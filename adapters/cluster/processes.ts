import type { ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import type { Channel } from './channel.ts';
import { createLink, type Link } from './link.ts';

/** How a process ended: by its own code, or by a signal. */
export interface HowEnded {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Another process of this program, which shares the port that it listens on with its siblings. */
export interface WorkerProcess {
  readonly pid: number;
  readonly link: Link;
  readonly ended: Promise<HowEnded>;
  /** Ends it without asking it. */
  kill(): void;
}

/** Whether this process is a worker of another. */
export function isWorkerProcess(): boolean {
  return cluster.isWorker;
}

/** What ends each of those that run. */
const running = new Set<() => void>();

function killAll(): void {
  for (const kill of running) kill();
}

/** Starts this program once more, with the same arguments and environment; it does not outlive this process. */
export function startWorkerProcess(): WorkerProcess {
  cluster.setupPrimary({ serialization: 'advanced' });
  const worker = cluster.fork();
  const { process: child } = worker;
  const handedOver = watchHandles(child);
  const kill = (): void => void child.kill('SIGKILL');
  if (running.size === 0) process.on('exit', killAll);
  running.add(kill);
  const ended = new Promise<HowEnded>((resolve) => {
    const end = (how: HowEnded): void => {
      running.delete(kill);
      if (running.size === 0) process.off('exit', killAll);
      handedOver.cut();
      resolve(how);
    };
    worker.once('exit', (code: number | null, signal: string | null) => end({ code, signal: signal || null }));
    // It could not be started; then there is no exit.
    child.once('error', () => end({ code: null, signal: null }));
  });
  return {
    pid: child.pid ?? 0,
    link: createLink({
      send: (message) => void (child.connected && child.send(message as object, () => {})),
      onMessage: (listener) => void worker.on('message', listener),
      onClose: (listener) => void worker.once('disconnect', listener),
    }),
    ended,
    kill,
  };
}

/**
 * Node gives a worker the next connection when it has taken the one before, and forgets one that it gave to a worker which
 * ended before it took it: its client would wait for ever. Cut, he can connect anew.
 */
function watchHandles(child: ChildProcess): { cut(): void } {
  const send = child.send.bind(child) as (...sent: unknown[]) => boolean;
  let newest: Closable | null = null;
  child.send = (...sent: unknown[]) => {
    const handle = sent[1];
    if (isClosable(handle)) newest = handle;
    return send(...sent);
  };
  // What the worker took is closed here already, and to close it once more does nothing.
  return { cut: () => newest?.close() };
}

interface Closable {
  close(): void;
}

function isClosable(handle: unknown): handle is Closable {
  return typeof handle === 'object' && handle !== null && 'close' in handle && typeof handle.close === 'function';
}

/** To the process that has started this one; when that ends without a word, Node ends this one. */
export function linkToPrimary(): Link {
  const channel: Channel = {
    send: (message) => void (process.connected && process.send?.(message, undefined, {}, () => {})),
    onMessage: (listener) => void process.on('message', listener),
    onClose: (listener) => void process.once('disconnect', listener),
  };
  return createLink(channel);
}
