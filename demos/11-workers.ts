/**
 * Hashes buffers of 64 KB in worker threads, one for each core: this thread stays free, as a timer shows that ticks all the
 * while. The buffers move there instead of being copied.
 *
 * Run: npx tsx demos/11-workers.ts
 *
 * Prints:
 *   hash 0: 5866bdd643116d3ca1201b23cf4fc14b
 *   hash 1: 3286de3b76a3ea8dec2e2aa955114bbe
 *   64 hashes, and the timer ticked
 */
import { createPipeline, fromModule } from 'sluice';

const functions = fromModule<typeof import('./11-hash.mts')>(new URL('./11-hash.mts', import.meta.url));

function* buffers(): Generator<Uint8Array> {
  for (let i = 0; i < 64; i++) yield new Uint8Array(65_536).fill(i);
}

let ticks = 0;
const timer = setInterval(() => ticks++, 1);

const pipeline = createPipeline({
  nodes: {
    buffers,
    hash: { run: functions('hash'), runIn: 'worker', transfer: 'input', args: { salt: 'sluice' } },
  },
  graph: { buffers: ['hash'] },
});

let hashes = 0;
for await (const hash of pipeline) {
  if (hashes < 2) console.log(`hash ${hashes}: ${hash}`);
  hashes++;
}
clearInterval(timer);
console.log(`${hashes} hashes, and the timer ${ticks > 0 ? 'ticked' : 'stood still'}`);
