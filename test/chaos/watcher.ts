import { setTimeout as delay } from 'node:timers/promises';
import type { Sent } from './producer.ts';

/** What a client saw from one instant on. */
export interface Seen {
  /** Reads that were answered in full. */
  readonly good: number;
  /** How often the others failed, by error code or by what became of the connection. */
  readonly failures: ReadonlyMap<string, number>;
  /** The longest time without a good answer, in milliseconds. */
  readonly longestGapMillis: number;
  /** Answers that no client should ever get. */
  readonly wrong: readonly string[];
}

export interface Watcher {
  /** Forgets what was seen so far. */
  begin(): void;
  seen(): Seen;
  /** Whether nothing has failed for so long. */
  isGoodFor(millis: number): boolean;
  stop(): Promise<void>;
}

const pauseMillis = 50;
const timeoutMillis = 5_000;
const usersPerRead = 5;

const query = `query($users: [String!]!) { users(userId: $users) {
  userId
  userOrders { ordersEver spentEver meta { status } }
  userProfile { points meta { status } }
} }`;

interface UserAnswer {
  readonly userId: string;
  readonly userOrders: { ordersEver: number | null; meta: { status: string } } | null;
  readonly userProfile: { points: number | null; meta: { status: string } } | null;
}

/** What a client may be told while something is away. */
const honest = new Set(['UNAVAILABLE', 'NOT_READY', 'TIMEOUT', 'DEADLINE_EXCEEDED']);
const noAnswer = new Set(['PRESENT', 'NOT_FOUND', 'UNAVAILABLE', 'NOT_READY']);

/** Reads some users' features through the gateway again and again, and holds each answer against what was sent and read before. */
export function startWatcher(url: () => string, sent: Sent): Watcher {
  const known = new Map<string, number>();
  let good = 0;
  let failures = new Map<string, number>();
  let wrong: string[] = [];
  let longestGapMillis = 0;
  let lastGood = Date.now();
  let lastFailure = 0;
  let turn = 0;
  let isStopping = false;

  const fail = (code: string): void => {
    failures.set(code, (failures.get(code) ?? 0) + 1);
    lastFailure = Date.now();
    if (!honest.has(code) && !code.startsWith('connection')) wrong.push(`error ${code}`);
  };

  /** Whether the user's features were all there to be read. */
  function check({ userId, userOrders, userProfile }: UserAnswer): boolean {
    const statuses = [userOrders?.meta.status, userProfile?.meta.status];
    for (const status of statuses) {
      if (status !== undefined && !noAnswer.has(status)) wrong.push(`${userId}: status ${status}`);
    }
    if (userOrders?.meta.status === 'PRESENT' || userOrders?.meta.status === 'NOT_FOUND') {
      const orders = userOrders.ordersEver ?? 0;
      const [least, most] = [known.get(userId) ?? 0, sent.ordersOf.get(userId)?.size ?? 0];
      if (orders < least || orders > most) wrong.push(`${userId}: ${orders} orders, expected ${least} to ${most}`);
      known.set(userId, orders);
    }
    if (userProfile?.meta.status === 'PRESENT' && !sent.pointsOf.get(userId)?.has(userProfile.points!)) {
      wrong.push(`${userId}: ${userProfile.points} points, which were never sent`);
    }
    return statuses.every((status) => status === 'PRESENT' || status === 'NOT_FOUND');
  }

  async function read(): Promise<void> {
    const all = [...sent.ordersOf.keys()];
    const users = Array.from({ length: Math.min(usersPerRead, all.length) }, () => all[turn++ % all.length]!);
    try {
      const response = await fetch(`${url()}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables: { users } }),
        signal: AbortSignal.timeout(timeoutMillis),
      });
      const { data, errors } = (await response.json()) as Answer;
      for (const { extensions } of errors ?? []) fail(String(extensions?.code));
      const answers = (data?.users ?? []).filter((user) => user !== null);
      const whole = answers.map(check);
      if (errors !== undefined) return;
      if (answers.length < users.length) wrong.push(`${answers.length} of ${users.length} users, and no error`);
      if (!whole.every(Boolean)) return fail('UNAVAILABLE');
      good += 1;
      longestGapMillis = Math.max(longestGapMillis, Date.now() - lastGood);
      lastGood = Date.now();
    } catch (error) {
      fail(error instanceof Error && error.name === 'TimeoutError' ? 'connection timed out' : 'connection failed');
    }
  }

  async function run(): Promise<void> {
    while (!isStopping) {
      if (sent.ordersOf.size > 0) await read();
      await delay(pauseMillis);
    }
  }
  const running = run();
  return {
    begin() {
      [good, failures, wrong, longestGapMillis] = [0, new Map(), [], 0];
      [lastGood, lastFailure] = [Date.now(), 0];
    },
    seen: () => ({
      good,
      failures: new Map(failures),
      longestGapMillis: Math.max(longestGapMillis, Date.now() - lastGood),
      wrong: [...wrong],
    }),
    isGoodFor: (millis) => Date.now() - lastGood < millis && Date.now() - lastFailure > millis,
    async stop() {
      isStopping = true;
      await running;
    },
  };
}

interface Answer {
  readonly data?: { readonly users: readonly (UserAnswer | null)[] | null } | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}
