import { readFileSync } from 'node:fs';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type GraphServer, type Reply, serveGraphs } from '../../demos/12-graph-server.mts';
import { attacksInJson } from '../graph/attacks.ts';

const ancestor = readFileSync(new URL('../../demos/12-ancestor-graph.json', import.meta.url), 'utf8');
const until = (condition: () => boolean, what: string): Promise<void> =>
  vi.waitFor(() => expect(condition(), what).toBe(true), { timeout: 20_000, interval: 2 });

interface Waiting {
  readonly at: number;
  readonly signal: AbortSignal;
  wake(): void;
  fail(reason: unknown): void;
}

/** Seconds that pass when the spec says so. */
class Seconds {
  now = 0;
  #waiting: Waiting[] = [];
  readonly #heard = new WeakSet<AbortSignal>();

  readonly sleep = (seconds: number, signal: AbortSignal): Promise<void> => {
    if (!this.#heard.has(signal))
      signal.addEventListener('abort', () => this.#cutShort(signal), { once: true });
    this.#heard.add(signal);
    return new Promise((wake, fail) => this.#waiting.push({ at: this.now + seconds, signal, wake, fail }));
  };

  /** When those who wait will be woken, in order. */
  get waiting(): number[] {
    return this.#waiting.map(({ at }) => at).sort((one, other) => one - other);
  }

  /** Wakes those who wait till then. */
  pass(to: number): void {
    this.now = to;
    const due = this.#waiting.filter(({ at }) => at <= to);
    this.#waiting = this.#waiting.filter(({ at }) => at > to);
    for (const { wake } of due) wake();
  }

  #cutShort(signal: AbortSignal): void {
    const cut = this.#waiting.filter((waiting) => waiting.signal === signal);
    this.#waiting = this.#waiting.filter((waiting) => waiting.signal !== signal);
    for (const { fail } of cut) fail(signal.reason);
  }
}

interface Client {
  readonly socket: Socket;
  readonly outputs: { readonly text: string; readonly at: number }[];
  /** What the server has said at the end of the graph. */
  readonly ends: unknown[];
  send(text: unknown): Promise<Reply>;
}

let seconds: Seconds;
let server: GraphServer;
let clients: Client[];

beforeEach(async () => {
  seconds = new Seconds();
  clients = [];
  server = await serveGraphs(seconds.sleep);
});

afterEach(async () => {
  for (const { socket } of clients) socket.disconnect();
  await until(() => server.running.size === 0, 'no pipeline is left');
  await server.close();
});

function connect(): Client {
  const socket = io(server.url, { transports: ['websocket'], reconnection: false });
  const client: Client = { socket, outputs: [], ends: [], send: (text) => socket.emitWithAck('graph', text) };
  socket.on('output', (text: string, taken: () => void) => {
    client.outputs.push({ text, at: seconds.now });
    taken();
  });
  socket.on('done', (error: unknown) => client.ends.push(error));
  clients.push(client);
  return client;
}

const five = (at: number): number[] => Array(5).fill(at);
const pairs = ['abc cba', 'def fed', 'ghi ihg', 'jkl lkj', 'mno onm'].map((text) => ({ text, at: 4 }));
const upper = ['CBA', 'FED', 'IHG', 'LKJ', 'ONM'].map((text) => ({ text, at: 5 }));

/** Lets the graphs of so many clients run to their ends, while others come and go. */
async function run(graphs: number): Promise<void> {
  const each = (at: number): number[] => Array(graphs).fill(five(at)).flat();
  await until(() => seconds.waiting.join() === each(3).join(), 'five calls of each reverse run at once');
  seconds.pass(3);
  await until(() => seconds.waiting.join() === [...each(4), ...each(5)].join(), 'both branches work');
  seconds.pass(4);
  await until(
    () => clients.filter(({ outputs }) => outputs.length === 5).length === graphs,
    'five outputs each',
  );
  seconds.pass(5);
  await until(
    () => clients.filter(({ ends }) => ends.length === 1).length === graphs,
    'the ends of the graphs',
  );
}

describe('a server that runs the graphs of its clients', () => {
  it('sends a client the outputs of its own graph: with five calls at once, five after 4 s and five after 5 s', async () => {
    const client = connect();

    expect(await client.send(ancestor)).toEqual({});
    await run(1);

    expect(client.outputs).toEqual([...pairs, ...upper]);
    expect(client.ends).toEqual([null]);
  });

  it('keeps clients apart', async () => {
    const [one, other] = [connect(), connect()];

    await Promise.all([one.send(ancestor), other.send(ancestor.replaceAll('abc', 'xyz'))]);
    await run(2);

    expect(one.outputs).toEqual([...pairs, ...upper]);
    expect(other.outputs.map(({ text }) => text)).toEqual([
      ...['xyz zyx', ...pairs.slice(1).map(({ text }) => text)],
      ...['ZYX', ...upper.slice(1).map(({ text }) => text)],
    ]);
  });

  it('aborts the graph of a client that leaves, and no other', async () => {
    const [stays, leaves] = [connect(), connect()];
    await Promise.all([stays.send(ancestor), leaves.send(ancestor)]);
    await until(() => seconds.waiting.length === 10, 'both graphs run');

    leaves.socket.disconnect();
    await until(() => server.running.size === 1, 'one pipeline is aborted');
    await run(1);

    expect(stays.outputs).toEqual([...pairs, ...upper]);
    expect(leaves.outputs).toEqual([]);
  });

  it('tells a hostile client what is wrong, whatever it sends, while the others do not notice', async () => {
    const [honest, hostile] = [connect(), connect()];
    await honest.send(ancestor);
    const texts = attacksInJson
      .filter(({ codes }) => codes !== undefined)
      .map(({ document }) => JSON.stringify(document()))
      .filter(({ length }) => length < 100_000);
    expect(texts.length).toBeGreaterThan(40);

    for (const text of [...texts, '{', '', 7, null, { nodes: {} }, [ancestor]]) {
      const { problems } = await hostile.send(text);

      expect(problems?.length).toBeGreaterThan(0);
      expect(JSON.stringify(problems).length).toBeLessThan(60_000);
    }
    await run(1);

    expect(honest.outputs).toEqual([...pairs, ...upper]);
    expect(hostile.outputs).toEqual([]);
  });

  it('runs one graph of a client at a time', async () => {
    const client = connect();
    await client.send(ancestor);

    expect(await client.send(ancestor)).toMatchObject({ problems: [{ code: 'busy' }] });
    await run(1);
    expect(await client.send('{}')).toMatchObject({ problems: [{ code: 'not-a-definition' }] });
  });
});
