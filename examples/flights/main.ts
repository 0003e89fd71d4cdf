import { join } from 'node:path';
import { startAsof } from '../../cli/serve/asof.ts';
import { createProgressBars } from '../../cli/serve/progress.ts';
import { followReplayStart, startReplay } from '../../cli/serve/replay-start.ts';
import { appliesDefinitions, fillsViews, parseRole } from '../../cli/serve/roles.ts';
import { runUntilSignal } from '../../cli/serve/run.ts';
import { positiveNumber, readSettings } from '../../cli/serve/settings.ts';
import { createStores } from '../../cli/serve/stores.ts';
import { collectDefinitions } from '../../core/definitions/collect.ts';
import { createLogger } from '../../runtime/logging.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import * as features from './features.ts';
import { liveFrom, liveUntil, prepareFlights } from './history.ts';
import { exampleOperations } from './operations.ts';
import { replayFlights } from './replay.ts';

/** npm ends its shell when it gets a signal, and the shell passes none on: what npm has started ends with it. */
const npm = { endsWithParent: process.env.npm_lifecycle_event !== undefined };

/**
 * The main job: January to May as history, June as live events. FLIGHTS_SPEED is the replay's speed, default 60. With
 * the name of a role it is that part alone; whoever fills the views, all or offline, sends the flights of June too.
 */
await runUntilSignal(async (running) => {
  const { stack, signal } = running;
  const role = parseRole(process.argv[2]);
  const base = readSettings(process.env, role);
  running.graceMillis = base.graceMillis;
  const speed = positiveNumber(process.env, 'FLIGHTS_SPEED', 60);
  const slice =
    process.env.FLIGHTS_SLICE === undefined ? null : positiveNumber(process.env, 'FLIGHTS_SLICE', 3_000_000);
  const settings = { ...base, batchDir: join(base.dataDir, 'flights') };
  const logger = createLogger({ name: role === 'all' ? 'asof' : `asof ${role}`, level: settings.logLevel });

  const metrics = createMetrics({ defaultMetrics: true });
  const isShared = role !== 'all';
  const replay = { start: liveFrom, speed, until: liveUntil, isShared };
  const stores = stack.use(createStores(settings, replay, { logger, metrics }));
  const fills = fillsViews(role);
  if (fills) console.log(`Preparing the flights of 2001 in ${settings.batchDir}`);
  const files = fills ? await prepareFlights(settings.batchDir, slice) : null;
  const bars = createProgressBars();
  stack.defer(() => bars.stop());
  const asof = stack.use(
    await startAsof(
      {
        role,
        settings,
        stores,
        logger,
        metrics,
        definitions: appliesDefinitions(role) ? collectDefinitions(features) : null,
        defaultQuery: exampleOperations[0].text,
        onJob: bars.update,
      },
      signal,
    ),
  );
  console.log(`Asof answers at ${asof.url}${isShared ? `, ${role} alone` : ''}`);
  if (role === 'all' || role === 'gateway') tellHowToAsk(asof.url);
  if (role === 'gateway') return;

  const { clock, systemClock } = stores;
  const documents = await stores.registry();
  const started = isShared ? followReplayStart({ documents, clock, systemClock, signal }) : null;
  if (files === null) return;

  const jobs = await asof.filled;
  bars.stop();
  const failed = jobs.find(({ state }) => state === 'FAILED');
  if (failed !== undefined) console.error(`Backfill failed: ${failed.error}`);
  if (signal.aborted) return;
  if (isShared) await startReplay(documents, systemClock);
  else clock.release();
  await started;
  if (signal.aborted) return;
  console.log(
    `All views have their history. June 2001 goes on at ${speed}× from ${new Date(clock.now()).toISOString()}.`,
  );
  const sent = await replayFlights({
    file: files.replayFile,
    progressFile: join(settings.batchDir, 'replay.json'),
    topic: 'landings',
    log: await stores.log(),
    clock,
    systemClock,
    signal,
    onRefused: (err) => logger.warn({ err }, 'the event log takes no flights; they are sent again'),
  });
  if (!signal.aborted) console.log(`The replay is over after ${sent} flights; the clock runs on at 1×.`);
}, npm);

function tellHowToAsk(url: string): void {
  console.log(`
  GraphQL    ${url}/graphql  (GraphiQL in a browser; subscriptions at ${url.replace('http', 'ws')}/graphql)
  Readiness  ${url}/readyz
  Metrics    ${url}/metrics

Operations to paste:
${exampleOperations.map(({ title, text }) => `\n  # ${title}\n  ${text}`).join('\n')}
`);
}
