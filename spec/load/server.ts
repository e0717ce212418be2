/**
 * The demo's application for `npm run load`, in a process of its own: its functions take 5 ms each, and beside its routes stands
 * one that awaits the same functions by hand, with the same check of the input, the same deadline and the same answers to errors.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { type AppOptions, buildApp } from '../../demos/server/app.ts';
import {
  customerOf,
  order,
  pricesOf,
  type QuoteContext,
  quoteOf,
  type Services,
} from '../../demos/server/graph.ts';
import { lifeOf } from '../../demos/server/life.ts';
import { serializers } from '../../demos/server/log.ts';

const services: Services = {
  customer: (id, signal) => sleep(5, { id, name: `customer ${id}`, discount: 10 }, { signal }),
  prices: (items, signal) =>
    sleep(
      5,
      items.map((item) => item.length),
      { signal },
    ),
};

/** Nobody asks it: Postgres in this process would take its share of memory and start-up. */
const database: AppOptions['database'] = {
  queries: 0,
  readings: 0,
  customers: async (ids) => ids.map(() => null),
  async *rows() {},
};

const logger = pino({ level: 'silent', serializers });
const { http } = buildApp({ logger, database, ...services });

http.post('/by-hand/quotes', async ({ body, id, log }, reply) => {
  const input = order.parse(body);
  const signal = lifeOf(reply.raw, 2000);
  const message = { id, roots: [id] } as unknown as QuoteContext['message'];
  const env = { ...services, log };
  const [customer, prices] = await Promise.all([
    customerOf(input, { env, signal, message, node: 'customer' }),
    pricesOf(input, { env, signal, message, node: 'prices' }),
  ]);
  if (customer === null) throw new Error('there is none');
  return quoteOf({ customer, prices });
});

console.log(`Listens at ${await http.listen({ port: 0, host: '127.0.0.1' })}`);
process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => process.exit());
process.on('message', () => {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send?.({ heap: process.memoryUsage().heapUsed, cpu: user + system });
});
