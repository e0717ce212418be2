import { Agent, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { cutOff, until } from './clients.ts';
import { get, post, serve, sharedDatabase } from './served.ts';

const tea = { customer: 7, items: ['tea'] };

describe.each(['/quotes', '/shared/quotes'])('a client of %s that disconnects', (path) => {
  it('aborts its own work and nobody else’s, and what comes later is answered', async () => {
    const held: { signal: AbortSignal; go: () => void }[] = [];
    const prices = (items: readonly string[], signal: AbortSignal) =>
      new Promise<number[]>((resolve, reject) => {
        held.push({ signal, go: () => resolve(items.map(() => 1)) });
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    await using served = await serve({ prices });
    const leaving = new AbortController();

    const one = post(served.base + path, tea, { signal: leaving.signal }).catch((error: Error) => error.name);
    await until(() => held.length === 1);
    const other = post(served.base + path, tea);
    await until(() => held.length === 2);
    leaving.abort();
    await until(() => held[0]?.signal.aborted === true);
    const third = post(served.base + path, tea);
    await until(() => held.length === 3);
    const aborted = held.map(({ signal }) => signal.aborted);
    for (const { go } of held) go();

    expect(await one).toBe('AbortError');
    expect(aborted).toEqual([true, false, false]);
    expect([(await other).status, (await third).status]).toEqual([200, 200]);
    await until(() => served.lines.some(({ status }) => status === 499));
  });
});

describe('a client of a stream that disconnects', () => {
  it('ends its source', async () => {
    await using served = await serve();
    const { database, base } = served;

    const cut = new AbortController();
    const reading = fetch(`${base}/readings?count=1000000`, { signal: cut.signal });
    await (await reading).body?.getReader().read();
    expect([database.open, served.streams.size]).toEqual([1, 1]);
    cut.abort();

    await until(() => database.open === 0 && served.streams.size === 0);
  });
});

describe('of a thousand requests, a tenth cut off and a twentieth with inputs that fail,', () => {
  it.each(['/quotes', '/shared/quotes'])(
    'every other one is answered right, and nothing is left: %s',
    async (path) => {
      await sharedDatabase();
      const before = process.getActiveResourcesInfo().sort();
      const served = await serve({ deadline: 30_000 });
      const agent = new Agent({ keepAlive: true, maxSockets: 50 });
      const signals = ['SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection'];
      const listeners = () => signals.map((event) => process.listenerCount(event));
      const listening = listeners();

      const outcomes = await Promise.all(
        Array.from({ length: 1000 }, async (_, n) => {
          const items = n % 20 === 3 ? ['unobtainium'] : ['x'.repeat(1 + (n % 7))];
          const body = JSON.stringify({ customer: 1 + n, items });
          if (n % 10 === 0) return cutOff(served.port, path, body, n % 20 === 0);
          return send(agent, served.port, path, body);
        }),
      );

      const expected = outcomes.map((_, n) => {
        if (n % 10 === 0) return undefined;
        if (n % 20 === 3) return '502';
        return `200 customer ${n + 1} ${((1 + (n % 7)) * (100 - ((n + 1) % 20))) / 100}`;
      });
      expect(outcomes).toEqual(expected);

      agent.destroy();
      await until(() => served.drain.ended === served.drain.accepted);
      const { shared, connections, streams } = served;
      const idle = () =>
        [shared.quotes, shared.lookups].every((pipeline) => isIdle(pipeline.metrics().nodes));
      await until(idle);
      expect([connections.running, connections.waiting, streams.size]).toEqual([0, 0, 0]);
      await until(() => served.lines.filter(({ msg }) => msg === 'request completed').length >= 1000 - 100);
      await served.http.close();
      expect(listeners()).toEqual(listening);
      await until(() => left(before).length === 0);
    },
  );

  it('leave all places of the shared pipeline free', async () => {
    await using served = await serve({ atOnce: 5 });
    const cuts = Array.from({ length: 40 }, (_, n) =>
      cutOff(served.port, '/shared/quotes', JSON.stringify(tea), n % 2 === 0),
    );
    await Promise.all(cuts);

    const replies = await Promise.all(
      Array.from({ length: 40 }, () => post(`${served.base}/shared/quotes`, tea)),
    );

    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    expect((await get(`${served.base}/stats`)).status).toBe(200);
  });
});

interface Busy {
  readonly inFlight: number;
  readonly waiting: number;
}

function isIdle(nodes: Readonly<Record<string, Busy>>): boolean {
  return Object.values(nodes).every(({ inFlight, waiting }) => inFlight === 0 && waiting === 0);
}

/** Handles, timers and sockets of this process that were not there before. */
function left(before: readonly string[]): string[] {
  const rest = [...before];
  return process.getActiveResourcesInfo().filter((name) => {
    const place = rest.indexOf(name);
    if (place >= 0) rest.splice(place, 1);
    return place < 0 && name !== 'Immediate';
  });
}

function send(agent: Agent, port: number, path: string, body: string): Promise<string> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(
      { agent, host: '127.0.0.1', port, path, method: 'POST', headers },
      async (response) => {
        let text = '';
        for await (const chunk of response.setEncoding('utf8')) text += chunk;
        const { customer, total } = JSON.parse(text);
        resolve(response.statusCode === 200 ? `200 ${customer} ${total}` : String(response.statusCode));
      },
    );
    sent.once('error', reject).end(body);
  });
}
