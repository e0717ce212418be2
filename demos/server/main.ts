/**
 * Starts the demo: `npx tsx demos/server/main.ts [--load]`. Settings come from the environment: PORT, HOST, LOG_LEVEL,
 * PRICES_MS (how long the prices take), DRAIN_MS (how long a shutdown may). SIGTERM or Ctrl-C ends it: see `drain.ts`.
 */
import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { serveViewer } from 'sluice/viewer';
import { UpstreamError } from './answers.ts';
import { buildApp } from './app.ts';
import { Database } from './database.ts';
import { serializers } from './log.ts';

const isLoaded = process.argv.includes('--load');
const { PORT = '3000', HOST = '127.0.0.1', LOG_LEVEL = isLoaded ? 'fatal' : 'info' } = process.env;
const { PRICES_MS = '5', DRAIN_MS = '5000' } = process.env;
const logger = pino({ level: LOG_LEVEL, serializers });

/** Stands for another service. */
async function prices(items: readonly string[], signal: AbortSignal): Promise<number[]> {
  await sleep(Number(PRICES_MS), undefined, { signal });
  if (items.includes('unobtainium')) throw new UpstreamError('the price list has no unobtainium');
  return items.map((item) => item.length);
}

const database = await Database.open();
const app = buildApp({ logger, database, prices, drainWithin: Number(DRAIN_MS) });
const viewers = [await serveViewer(app.plumbers.quotes), await serveViewer(app.shared.quotes)] as const;

const address = await app.http.listen({ port: Number(PORT), host: HOST });

console.log(`Listens at ${address}`);

console.log(`The pipelines of POST /quotes, one for each request: ${viewers[0].url}`);
console.log(`The pipeline of POST /shared/quotes, one for all: ${viewers[1].url}`);

const load = isLoaded ? fork(new URL('load.ts', import.meta.url), [address]) : undefined;

// Far later than the drain: for what does not end at all.
closeWithGrace({ delay: 2 * Number(DRAIN_MS) + 1000, logger }, async ({ err, signal }) => {
  if (err !== undefined) logger.fatal({ err }, 'ends because of an error');
  else logger.info({ signal }, 'shuts down');
  load?.kill();
  await app.http.close();
  await Promise.all(viewers.map((viewer) => viewer.close()));
  await database.close();
});
