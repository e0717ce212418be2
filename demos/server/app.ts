/** The application: routes, and what is common to all requests. It neither listens nor ends the process. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Tracer } from '@opentelemetry/api';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { type Definition, type Pipeline, Plumber, Pool } from 'sluice';
import { answerTo, HttpError, logged } from './answers.ts';
import type { Database, Reading } from './database.ts';
import { Drain } from './drain.ts';
import {
  lookups,
  type Order,
  type QuoteLimits,
  quotes,
  type ReadingsEnv,
  readings,
  type Services,
} from './graph.ts';
import { lifeOf, whenOver } from './life.ts';
import { current, logOfRequest } from './log.ts';
import { traceAll } from './tracing.ts';

export interface AppOptions extends QuoteLimits, Pick<Services, 'prices'> {
  readonly logger: FastifyBaseLogger;
  readonly database: Pick<Database, 'customers' | 'rows' | 'queries' | 'readings'>;
  /** How quotes find a customer. @default by one query for many */
  readonly customer?: Services['customer'];
  /** ms for one request, unless its answer is streamed. @default 2000 */
  readonly deadline?: number;
  /** ms in which a shutdown has ended what was accepted. @default 5000 */
  readonly drainWithin?: number;
  /** Where requests, and what the graphs do for them, are told as spans. @default nowhere */
  readonly tracer?: Tracer;
}

/** The application, and what there is to look at in it. */
export interface App {
  readonly http: FastifyInstance;
  readonly drain: Drain;
  /** The graphs. */
  readonly plumbers: { readonly quotes: Plumber; readonly lookups: Plumber; readonly readings: Plumber };
  /** The pipelines that all requests share. */
  readonly shared: { readonly quotes: Pipeline; readonly lookups: Pipeline };
  /** What bounds the queries under way. */
  readonly connections: Pool;
  /** Those of answers that are being streamed. */
  readonly streams: ReadonlySet<Pipeline>;
}

export function buildApp({
  logger,
  database,
  prices,
  deadline = 2000,
  drainWithin = 5000,
  tracer,
  ...more
}: AppOptions): App {
  const http = Fastify({
    loggerInstance: logger,
    genReqId: () => randomUUID(),
    bodyLimit: 16_384,
    exposeHeadRoutes: false,
    return503OnClosing: false, // the hook below says when to come back
  });
  const drain = new Drain();

  const connections = new Pool({ concurrency: 4 });
  const looking = lookups(database, logger, connections);
  const quoting = quotes(more);
  if (tracer !== undefined) traceAll(http, [looking, quoting, readings], tracer);
  const directory = looking.createPipeline();
  const customer: Services['customer'] = async (id, signal) =>
    (await directory.call(id, { signal })).customer[0] ?? null;
  const services: Services = { customer, prices, ...more };

  const shared = quoting.createPipeline({ env: { ...services, log: logOfRequest(logger) } });

  http.post<{ Body: Order }>('/quotes', async ({ body, log }, reply) => {
    // No grace: a function that is deaf to its signal does not hold up the answer.
    await using pipeline = quoting.createPipeline({ env: { ...services, log }, grace: 0 });
    whenOver(reply.raw, deadline, (reason) => pipeline.abort(reason));
    return found((await pipeline.call(body)).quote[0]);
  });

  http.post<{ Body: Order }>('/shared/quotes', async ({ body }, reply) => {
    const signal = lifeOf(reply.raw, deadline);
    return found((await shared.call(body, { signal })).quote[0]);
  });

  http.get<{ Params: { id: string } }>('/customers/:id', async ({ params }, reply) => {
    const signal = lifeOf(reply.raw, deadline);
    return found((await directory.call(params.id, { signal })).customer[0]);
  });

  http.get('/stats', () => ({
    requests: drain.accepted,
    queries: database.queries,
    readings: database.readings,
  }));

  const streams = new Set<Pipeline>();
  const count = { type: 'integer', minimum: 1, maximum: 1_000_000, default: 1000 };
  http.get<{ Querystring: { count: number } }>(
    '/readings',
    { schema: { querystring: { type: 'object', properties: { count } } } },
    ({ query, headers, log }, reply) => {
      const isEvents = headers.accept?.includes(EVENTS) === true;
      const last = Number(headers['last-event-id'] ?? 0); // of a client that has lost its connection
      if (!Number.isSafeInteger(last)) throw new HttpError(400, 'Last-Event-ID is no number');
      if (last >= query.count) return reply.code(204).send();

      const env: ReadingsEnv = {
        rows: (signal) => database.rows(last + 1, query.count, signal),
        format: isEvents ? asEvent : asLine,
      };
      const pipeline = readings.createPipeline({ env, signal: lifeOf(reply.raw) });
      streams.add(pipeline);
      // The reader tells the client; a source may fail before it has begun to read.
      const over = pipeline.done.catch((error) => log.info(logged(error), 'the stream was cut off'));
      over.finally(() => streams.delete(pipeline));
      reply
        .header('content-type', isEvents ? EVENTS : 'application/x-ndjson')
        .header('cache-control', 'no-store');
      return reply.send(Readable.from(pipeline));
    },
  );

  /** Checks and draws a definition from outside, and does not run it. */
  http.post<{ Body: Definition }>('/graphs', ({ body }) => {
    const registry = { upper: (text: string) => text.toUpperCase() };
    const plumber = new Plumber(body, { registry, limits: true });
    return { mermaid: plumber.toMermaid() };
  });

  http.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    if (drain.accept(reply.raw)) current.run(request.log, done);
    else done(new HttpError(503, 'shutting down'));
  });
  http.addHook('onSend', async (_request, reply) => {
    if (drain.isDraining) reply.header('connection', 'close');
  });
  http.setErrorHandler((error, request, reply) => {
    const { status, headers, body } = answerTo(error);
    request.log[status >= 500 ? 'error' : 'info']({ ...logged(error), status }, 'not answered as asked');
    return reply.code(status).headers(headers).send(body);
  });
  http.setNotFoundHandler(() => {
    throw new HttpError(404, 'no such route');
  });

  // It still listens here. When this is over, Fastify closes the connections that are left.
  http.addHook('preClose', async () => {
    const within = drainWithin;
    for (const stream of streams) stream.stop({ within });
    await drain.begin(within);
    await Promise.all([shared.stop({ within }), directory.stop({ within })]);
    http.server.closeAllConnections();
    const { accepted, ended, refused } = drain;
    logger.info({ accepted, ended, refused }, 'drained');
  });

  const plumbers = { quotes: quoting, lookups: looking, readings };
  return { http, drain, plumbers, shared: { quotes: shared, lookups: directory }, connections, streams };
}

const EVENTS = 'text/event-stream';

function asEvent(reading: Reading): string {
  return `id: ${reading.id}\ndata: ${JSON.stringify(reading)}\n\n`;
}

function asLine(reading: Reading): string {
  return `${JSON.stringify(reading)}\n`;
}

/** What a graph has sent for one input; nothing, where a function has skipped it. */
function found<T>(output: T | undefined): T {
  if (output === undefined) throw new HttpError(404, 'no such customer');
  return output;
}
