/** The graphs, each checked once when the server starts. No HTTP in here. */
import { type Context, inlet, type Logger, Plumber, type Pool, type SourceContext } from 'sluice';
import * as z from 'zod';
import type { Customer, Database, Reading } from './database.ts';

export const order = z.object({
  customer: z.int32().positive(),
  items: z.array(z.string().min(1).max(40)).min(1).max(20),
});
export type Order = z.infer<typeof order>;

export interface Quote {
  readonly customer: string;
  readonly total: number;
}

/** What the functions of a quote ask; the signal says when nobody waits for the answer any more. */
export interface Services {
  customer(id: number, signal: AbortSignal): Promise<Customer | null>;
  prices(items: readonly string[], signal: AbortSignal): Promise<readonly number[]>;
}

/** Of a pipeline per request, `log` is that of the request; of a shared one, it finds the request by itself. */
interface QuoteEnv extends Services {
  readonly log: Logger;
}

export interface QuoteLimits {
  /** Quotes of a shared pipeline that are worked on at once. @default 200 */
  readonly atOnce?: number;
  /** Quotes of a shared pipeline that may wait for that; one more is refused. @default 1000 */
  readonly waiting?: number;
  /** ms for the prices. @default as long as the request has */
  readonly timeout?: number;
}

export type QuoteContext = Pick<Context<QuoteEnv>, 'env' | 'signal' | 'node' | 'message'>;

export function customerOf({ customer }: Order, context: QuoteContext): Promise<Customer | null> {
  note(context, 'look up the customer');
  return context.env.customer(customer, context.signal); // null: no such customer, and so no quote
}

export function pricesOf({ items }: Order, context: QuoteContext): Promise<readonly number[]> {
  note(context, 'ask for prices');
  return context.env.prices(items, context.signal);
}

export function quoteOf(row: { readonly customer: Customer; readonly prices: readonly number[] }): Quote {
  const sum = row.prices.reduce((total, price) => total + price, 0);
  return { customer: row.customer.name, total: Math.round(sum * (100 - row.customer.discount)) / 100 };
}

/** For a pipeline per request, or one for all. */
export function quotes({ atOnce = 200, waiting = 1000, timeout }: QuoteLimits = {}) {
  return new Plumber({
    nodes: {
      order: { ...inlet({ input: order }), overflow: 'error', queueSize: waiting },
      customer: { run: customerOf, concurrency: atOnce },
      prices: { run: pricesOf, concurrency: atOnce, ...(timeout !== undefined && { timeout }) },
      quote: quoteOf,
    },
    graph: { order: ['customer', 'prices'], customer: ['quote'], prices: ['quote'] },
  });
}

/**
 * For one shared pipeline: only what meets in the same pipeline can be gathered. It asks for up to 100 customers at a time,
 * nobody waits longer than 2 ms for others, and as many queries are under way as there are connections.
 */
export function lookups(database: Pick<Database, 'customers'>, logger: Logger, connections: Pool) {
  return new Plumber(
    {
      nodes: {
        id: inlet({ input: z.coerce.number().pipe(z.int32().positive()) }), // it comes from a path, or from an order
        customer: {
          run: (ids: readonly number[], { log, node, message }: Context) => {
            log.debug({ node, message }, 'one query'); // of many requests: the message tells the ids of their inputs
            return database.customers(ids);
          },
          batch: { size: 100, within: 2, scatter: true },
          concurrency: 4,
          pool: 'connections',
        },
      },
      graph: { id: ['customer'] },
    },
    { logger, pools: { connections } },
  );
}

export interface ReadingsEnv {
  rows(signal: AbortSignal): AsyncIterable<Reading>;
  format(reading: Reading): string;
}

/** For an answer that is streamed: the source is asked for a row when the client has read so many before it. */
export const readings = new Plumber({
  nodes: {
    rows: ({ env, signal }: SourceContext<Reading, ReadingsEnv>) => env.rows(signal),
    line: (reading: Reading, { env }: Context<ReadingsEnv>) => env.format(reading),
  },
  graph: { rows: ['line'] },
});

/** A line that says which request (by the logger), which node and which message. */
function note({ env, node, message }: QuoteContext, text: string): void {
  env.log.debug({ node, message }, text);
}
