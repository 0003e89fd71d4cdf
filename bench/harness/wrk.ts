import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Measured } from './benchmark.ts';

const run = promisify(execFile);

/** What is asked again and again over kept connections. */
export interface WrkLoad {
  readonly url: string;
  /** Posted in turn. */
  readonly bodies: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** Where the script for it may be written. */
  readonly script: string;
}

/**
 * A closed loop by wrk, which leaves the server the processor. `seconds` of the result is the time of 10,000 requests, so
 * that less is better. Fails when wrk is not installed or a request fails.
 */
export async function wrk({ url, bodies, connections, seconds, script }: WrkLoad): Promise<Measured> {
  await writeFile(script, scriptOf(bodies));
  const options = ['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`];
  const { stdout } = await run('wrk', [...options, '--timeout', '5s', '--script', script, url]);
  const { requests, micros, failed, bytes, p50, p99 } = JSON.parse(stdout.slice(stdout.lastIndexOf('\n{'))) as Record<
    'requests' | 'micros' | 'failed' | 'bytes' | 'p50' | 'p99',
    number
  >;
  if (failed > 0) throw new Error(`${failed} requests of ${requests} failed`);
  return {
    seconds: (micros / requests) * 0.01,
    requests,
    requestsPerSecond: requests / (micros / 1e6),
    p50Millis: p50 / 1_000,
    p99Millis: p99 / 1_000,
    answerBytes: bytes / requests,
  };
}

/** Lua, wrk's language; a body is a long string in it, and JSON holds no `]=]`. */
function scriptOf(bodies: readonly string[]): string {
  return `local bodies = {${bodies.map((body) => `[=[${body}]=]`).join(',')}}
local asked = {}
local next = 0
function init()
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  for i, body in ipairs(bodies) do asked[i] = wrk.format(nil, nil, nil, body) end
end
function request()
  next = next % #asked + 1
  return asked[next]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\\n{"requests":%d,"micros":%d,"failed":%d,"bytes":%d,"p50":%d,"p99":%d}',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout, summary.bytes,
    latency:percentile(50), latency:percentile(99)))
end
`;
}
