import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Measured } from './benchmark.ts';

const run = promisify(execFile);

/** One body that is sent again and again over kept connections, one request at a time on each. */
export interface H2Load {
  readonly url: string;
  /** Of gRPC a message, else the body of a POST over HTTP/1. */
  readonly body: Buffer;
  readonly isGrpc: boolean;
  readonly connections: number;
  /** Of all connections together, spread evenly; absent = as many as are answered. */
  readonly perSecond?: number;
  readonly seconds: number;
  /** Where its files may be written. */
  readonly files: string;
}

/**
 * By h2load of nghttp2, which leaves the server the processor. `seconds` of the result is the time of 10,000 requests, so
 * that less is better. Fails when h2load is not installed or a request fails.
 */
export async function h2load(load: H2Load): Promise<Measured> {
  const { url, body, isGrpc, connections, perSecond, seconds, files } = load;
  const [sent, log] = [`${files}.body`, `${files}.log`];
  const head = Buffer.alloc(isGrpc ? 5 : 0);
  if (isGrpc) head.writeUInt32BE(body.length, 1);
  await writeFile(sent, Buffer.concat([head, body]));
  await writeFile(log, '');
  const options = ['-t1', `-c${connections}`, '-m1', `-D${seconds}`, `-d${sent}`, `--log-file=${log}`];
  if (perSecond !== undefined) options.push(`--rps=${perSecond / connections}`);
  const headers = isGrpc
    ? ['-H', 'content-type: application/grpc', '-H', 'te: trailers']
    : ['--h1', '-H', 'content-type: application/json'];
  const { stdout } = await run('h2load', [...options, ...headers, url], { maxBuffer: 64 * 1024 ** 2 });
  const [, done, failed, errored] = /(\d+) done, \d+ succeeded, (\d+) failed, (\d+) errored/.exec(stdout) ?? [];
  const took = /finished in ([\d.]+)(ms|s)/.exec(stdout);
  const bytes = /traffic: [^(]*\((\d+)\) total/.exec(stdout);
  if (done === undefined || took === null || Number(failed) + Number(errored) > connections) {
    throw new Error(`h2load: ${stdout}`);
  }
  const millis = (await readFile(log, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([, code]) => code === '200')
    .map(([, , micros]) => Number(micros) / 1_000)
    .sort((a, b) => a - b);
  const tookSeconds = took[2] === 'ms' ? Number(took[1]) / 1_000 : Number(took[1]);
  const at = (share: number): number => millis[Math.floor(millis.length * share)] ?? Number.NaN;
  return {
    seconds: (tookSeconds / millis.length) * 10_000,
    requests: millis.length,
    requestsPerSecond: millis.length / tookSeconds,
    p50Millis: at(0.5),
    p99Millis: at(0.99),
    answerBytes: Number(bytes?.[1] ?? 0) / millis.length,
  };
}
