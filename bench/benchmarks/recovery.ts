import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { windowedAnswers } from '../baselines/window-answers.ts';
import { steadyMessages } from '../data/stream.ts';
import type { Benchmark, Measured } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { runProgram, scriptOf } from '../harness/program.ts';
import { startStreamServers } from '../harness/streams.ts';
import type { IngestLiveRequest } from '../programs/ingest-live.ts';
import type { ProduceSteadilyRequest } from '../programs/produce-steadily.ts';

const topic = 'payments';
const joinMillis = 8_000;

export const recovery: Benchmark = {
  name: 'recovery',
  shape: 'ingest of windows killed (SIGKILL) in the middle of a stream and started again, while the stream goes on',
  async run({ isQuick, folder, runs }) {
    const [perSecond, seconds, count] = isQuick ? [2_000, 20, 1] : [5_000, 40, runs];
    const { ours } = await alternate(count, {
      ours: () => killAndRestart(join(folder, 'recovery'), perSecond, seconds),
    });
    return [
      {
        name: 'catching up',
        runs: count,
        ours,
        baseline: { seconds: ours.seconds, livePerSecond: perSecond },
        meaning: 'messages applied per second until none waited / those that came per second',
        ratio: Number(ours.appliedPerSecond) / perSecond,
        target: { atLeast: 2 },
      },
    ];
  },
};

/** Throws where an event was lost or counted twice. */
async function killAndRestart(folder: string, perSecond: number, seconds: number): Promise<Measured> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const servers = await startStreamServers();
  try {
    const { brokers, redis } = servers;
    const start = Date.now() + joinMillis;
    const messages = perSecond * seconds;
    const readAt = start + seconds * 1_000 + 60_000;
    const answers = join(folder, 'answers.json');
    const producing = runProgram('programs/produce-steadily', {
      brokers,
      topic,
      partitions: 4,
      messages,
      perSecond,
      start,
    } satisfies ProduceSteadilyRequest);
    const request: IngestLiveRequest = {
      brokers,
      redisPort: redis.port,
      topic,
      group: 'live',
      folder,
      messages,
      answers,
      readAt,
    };
    const first = startIngest(request);
    await first.line('consuming');
    await delay((seconds * 1_000) / 4);
    first.child.kill('SIGKILL');
    await once(first.child, 'close');
    const killedAt = performance.now();
    // It stays away for a while, as a process does that is placed on another machine.
    await delay((seconds * 1_000) / 4);
    const second = startIngest(request);
    await second.line('consuming');
    const awaySeconds = (performance.now() - killedAt) / 1_000;
    const { seconds: catchUpSeconds, applied } = await second.line('at end');
    await second.line('done');
    await producing;
    const expected = JSON.stringify(windowedAnswers(steadyMessages(messages, start, perSecond), readAt));
    if ((await readFile(answers, 'utf8')) !== expected)
      throw new Error(`events were lost or counted twice: ${answers}`);
    return {
      seconds: catchUpSeconds!,
      appliedPerSecond: Math.round(applied! / catchUpSeconds!),
      awaySeconds,
      lostOrDoubled: 0,
    };
  } finally {
    await servers[Symbol.asyncDispose]();
  }
}

interface RunningIngest {
  readonly child: ChildProcess;
  /** The next line of this state. */
  line(state: string): Promise<Record<string, number>>;
}

function startIngest(request: IngestLiveRequest): RunningIngest {
  const child = spawn(process.execPath, [scriptOf('programs/ingest-live'), JSON.stringify(request)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    async line(state) {
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`ingest ended before it said "${state}"`);
        const line = JSON.parse(value) as Record<string, number> & { readonly state: string };
        if (line.state === state) return line;
      }
    },
  };
}
