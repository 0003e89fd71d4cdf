import { join } from 'node:path';
import { startAsof } from '../../cli/embedded/asof.ts';
import { createProgressBars } from '../../cli/embedded/progress.ts';
import { runUntilSignal } from '../../cli/embedded/run.ts';
import { positiveNumber, readSettings } from '../../cli/embedded/settings.ts';
import { openStores } from '../../cli/embedded/stores.ts';
import { collectDefinitions } from '../../core/definitions/collect.ts';
import { createLogger } from '../../runtime/logging.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import * as features from './features.ts';
import { liveFrom, liveUntil, prepareFlights } from './history.ts';
import { exampleOperations } from './operations.ts';
import { replayFlights } from './replay.ts';

/** npm ends its shell when it gets a signal, and the shell passes none on: what npm has started ends with it. */
const npm = { endsWithParent: process.env.npm_lifecycle_event !== undefined };

/** The main job: January to May as history, June as live events. FLIGHTS_SPEED is the replay's speed, default 60. */
await runUntilSignal(async (stack, signal) => {
  const base = readSettings(process.env);
  const speed = positiveNumber(process.env, 'FLIGHTS_SPEED', 60);
  const slice =
    process.env.FLIGHTS_SLICE === undefined ? null : positiveNumber(process.env, 'FLIGHTS_SLICE', 3_000_000);
  const settings = { ...base, batchDir: join(base.dataDir, 'flights') };
  const logger = createLogger({ name: 'asof', level: settings.logLevel });

  const metrics = createMetrics({ defaultMetrics: true });
  const replay = { start: liveFrom, speed, until: liveUntil };
  const stores = stack.use(await openStores(settings, replay, { logger, metrics }));
  console.log(`Preparing the flights of 2001 in ${settings.batchDir}`);
  const files = await prepareFlights(settings.batchDir, slice);
  const bars = createProgressBars();
  stack.defer(() => bars.stop());
  const asof = stack.use(
    await startAsof({
      settings,
      stores,
      logger,
      metrics,
      definitions: collectDefinitions(features),
      defaultQuery: exampleOperations[0].text,
      onJob: bars.update,
    }),
  );
  console.log(`Asof answers at ${asof.url}

  GraphQL    ${asof.url}/graphql  (GraphiQL in a browser; subscriptions at ${asof.url.replace('http', 'ws')}/graphql)
  Readiness  ${asof.url}/readyz
  Metrics    ${asof.url}/metrics

Operations to paste:
${exampleOperations.map(({ title, text }) => `\n  # ${title}\n  ${text}`).join('\n')}
`);

  const jobs = await asof.filled;
  bars.stop();
  const failed = jobs.find(({ state }) => state === 'FAILED');
  if (failed !== undefined) console.error(`Backfill failed: ${failed.error}`);
  if (signal.aborted) return;
  stores.clock.release();
  console.log(
    `All views have their history. June 2001 goes on at ${speed}× from ${new Date(stores.clock.now()).toISOString()}.`,
  );
  const sent = await replayFlights({
    file: files.replayFile,
    progressFile: join(settings.batchDir, 'replay.json'),
    topic: 'landings',
    log: stores.log,
    clock: stores.clock,
    systemClock: stores.systemClock,
    signal,
    onRefused: (err) => logger.warn({ err }, 'the event log takes no flights; they are sent again'),
  });
  if (!signal.aborted) console.log(`The replay is over after ${sent} flights; the clock runs on at 1×.`);
}, npm);
