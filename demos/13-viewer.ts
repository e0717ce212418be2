/**
 * A pipeline that is looked at while it runs: orders come in faster than their documents are printed, and now and then a
 * mail cannot be sent. Open the address in a browser: it marks the bottleneck, lists the dead letters, and can pause the orders.
 * In a terminal it runs until Ctrl+C; anywhere else for a second.
 *
 * Run: npx tsx demos/13-viewer.ts
 *
 * Prints:
 *   The viewer is at http://127.0.0.1:.../
 *   The bottleneck is document.
 *   ... mails were sent, and no order is left.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPipeline, type DeadLetter, type SourceContext } from 'sluice';
import { serveViewer } from 'sluice/viewer';

interface Order {
  readonly id: number;
}

interface Mail {
  readonly to: string;
  readonly order: number;
}

async function* incoming({ signal }: SourceContext): AsyncGenerator<Order> {
  for (let id = 1; !signal.aborted; id++) {
    if (id % 4 === 0) await sleep(5);
    yield { id };
  }
}

const pipeline = createPipeline({
  nodes: {
    orders: incoming,
    customer: { run: async ({ id }: Order) => sleep(8, `customer${id}@example.org`), concurrency: 8 },
    stock: { run: async ({ id }: Order) => sleep(4, id % 7), concurrency: 4 },
    invoice: async ({ customer, stock, orders }: { customer: string; stock: number; orders: Order }) => ({
      mail: { to: customer, order: orders.id },
      pages: 1 + stock,
    }),
    document: {
      run: async ({ mail, pages }: { mail: Mail; pages: number }) => sleep(5 + 3 * pages, mail),
      concurrency: 2,
    },
    mail: {
      run: async ({ to, order }: Mail) => {
        await sleep(1);
        if (order % 23 === 0) throw new Error(`no mailbox ${to}`);
        return to;
      },
      concurrency: 4,
      onError: 'dead-letter',
    },
    returned: ({ node, error }: DeadLetter) => `${node}: ${error.message}`,
  },
  graph: {
    orders: ['customer', 'stock', 'invoice'],
    customer: ['invoice'],
    stock: ['invoice'],
    invoice: ['document'],
    document: ['mail'],
  },
  deadLetter: 'returned',
});

const viewer = await serveViewer(pipeline);
console.log(`The viewer is at ${viewer.url}`);

await sleep(500);
while (pipeline.explain().bottleneck?.node !== 'document') await sleep(10);
console.log('The bottleneck is document.');

if (process.stdout.isTTY) await once(process, 'SIGINT');
else await sleep(500);
const { nodes, left } = await pipeline.stop();
console.log(
  `${nodes.mail?.processed} mails were sent, and ${left === 0 ? 'no order is' : `${left} are`} left.`,
);
await viewer.close();
