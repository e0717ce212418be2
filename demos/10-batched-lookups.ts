/**
 * A thousand requests at once, each for one customer: the lookups are gathered into one query for up to a hundred of
 * them, and each request gets its own row. One query at a time, and nobody waits longer than 2 ms for others.
 *
 * Run: npx tsx demos/10-batched-lookups.ts
 *
 * Prints:
 *   1000 requests, fewer than 50 queries
 *   request 13: no such customer
 *   request 42: customer 42 pays in EUR
 */
import { createPipeline, inlet } from 'sluice';

interface Customer {
  readonly id: number;
  readonly currency: string;
}

let queries = 0;

/** Stands for `SELECT * FROM customers WHERE id IN (…)`, whose rows come in any order and lack some. */
async function select(ids: readonly number[]): Promise<Customer[]> {
  queries++;
  await new Promise((resolve) => setTimeout(resolve, 5));
  return ids.filter((id) => id % 13 !== 0).map((id) => ({ id, currency: id % 2 === 0 ? 'EUR' : 'USD' }));
}

async function lookUp(ids: readonly number[]): Promise<(Customer | null)[]> {
  const found = new Map((await select(ids)).map((customer) => [customer.id, customer]));
  // One element for each input, at its place; what is null is skipped, for its own request alone.
  return ids.map((id) => found.get(id) ?? null);
}

const pipeline = createPipeline({
  nodes: {
    id: inlet<number>(),
    customer: { run: lookUp, batch: { size: 100, within: 2, scatter: true } },
    text: ({ id, currency }: Customer) => `customer ${id} pays in ${currency}`,
  },
  graph: { id: ['customer'], customer: ['text'] },
});

const answers = await Promise.all(Array.from({ length: 1000 }, (_, id) => pipeline.call(id)));
console.log(`${answers.length} requests, ${queries < 50 ? 'fewer than 50' : queries} queries`);
for (const id of [13, 42]) console.log(`request ${id}: ${answers[id]?.text[0] ?? 'no such customer'}`);
await pipeline.stop();
