/**
 * What a graph costs in a web backend: `npm run load`. A server (`server.ts`) and this client (autocannon) in two processes, over
 * the loopback: 200 connections against a route with a pipeline per request, one with a shared pipeline, and one that awaits the
 * same functions by hand. They take turns, a few seconds each, and what is said is the median of the turns' ratios.
 * `npm run load -- --seconds=5 --rounds=2 --connections=50` is shorter; `--prof=<folder>` leaves profiles of the server there.
 *
 * On a machine that is busy with other things look at `cpu`, the ratio of the server's processor time for a request: all routes are
 * bound by it. What a pipeline per request adds is some 10 KB of garbage, which the collector copies while the request is under way,
 * and the engine's steps; a call of a shared one adds a signal for its functions and listeners on that of the request.
 *
 * Not one of `spec/bench`, whose works run in one process and end when they are done: this is an open end with sockets in it, and
 * its figures are those of a machine on which client and server share the cores.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';

const { values } = parseArgs({
  options: {
    /** Of each route, in all rounds together. */
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '200' },
    prof: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const duration = Number(values.seconds) / rounds;
const targets = { throughput: 0.9, p99: 1.2 };

const routes = ['/by-hand/quotes', '/quotes', '/shared/quotes'] as const;
type Route = (typeof routes)[number];

interface Round {
  readonly throughput: number;
  readonly p99: number;
  /** µs of the server's processor for a request: what a busy machine changes least. */
  readonly cpu: number;
  readonly failed: number;
}

const profile = values.prof === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.prof}`];
const server = fork(new URL('server.ts', import.meta.url), {
  execArgv: ['--import', 'tsx', ...profile],
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
const lines = createInterface({ input: server.stdout as NodeJS.ReadableStream });
const [line] = (await once(lines, 'line')) as [string];
const base = line.replace('Listens at ', '');

const results = new Map<Route, Round[]>(routes.map((route) => [route, []]));
for (const route of routes) await run(route, 1);
for (let round = 0; round < rounds; round++) {
  // Another one begins each time, so that none is always the one after another.
  for (let turn = 0; turn < routes.length; turn++) {
    const route = routes[(round + turn) % routes.length] as Route;
    results.get(route)?.push(await run(route, duration));
  }
}
server.kill('SIGTERM');
await once(server, 'exit');

const byHand = results.get('/by-hand/quotes') ?? [];
print('route', 'requests/s', 'p99 ms', 'cpu µs', 'failed', 'throughput', 'p99', 'cpu');
for (const [route, own] of results) {
  const ratio = (of: keyof Round) => median(own.map((round, i) => round[of] / (byHand[i]?.[of] ?? 0)));
  const failed = own.reduce((sum, round) => sum + round.failed, 0);
  const [throughput, p99] = [ratio('throughput'), ratio('p99')];
  const isMet = throughput >= targets.throughput && p99 <= targets.p99 && failed === 0;
  print(
    route,
    median(own.map((round) => round.throughput)).toFixed(0),
    median(own.map((round) => round.p99)).toFixed(0),
    median(own.map((round) => round.cpu)).toFixed(0),
    String(failed),
    `${throughput.toFixed(2)}×`,
    `${p99.toFixed(2)}×`,
    `${ratio('cpu').toFixed(2)}×`,
    route === '/by-hand/quotes' ? '' : isMet ? 'holds' : 'is missed',
  );
}
console.log(
  `\nTargets: at least ${targets.throughput}× the throughput of the first, at most ${targets.p99}× its p99.`,
);

async function run(path: Route, duration: number): Promise<Round> {
  const before = await cpuOf();
  const result = await autocannon({
    url: base + path,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ customer: 7, items: ['tea', 'milk'] }),
    connections: Number(values.connections),
    duration,
  });
  const { requests, latency, errors, non2xx } = result;
  const cpu = (await cpuOf()) - before;
  return {
    throughput: requests.total / result.duration,
    p99: latency.p99,
    cpu: cpu / requests.total,
    failed: errors + non2xx,
  };
}

async function cpuOf(): Promise<number> {
  server.send('look');
  const [{ cpu }] = await once(server, 'message');
  return cpu;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return ((sorted[middle] ?? Number.NaN) + (sorted[sorted.length - 1 - middle] ?? Number.NaN)) / 2;
}

function print(route: string, ...cells: readonly string[]): void {
  console.log(route.padEnd(18), ...cells.map((cell) => cell.padStart(11)));
}
