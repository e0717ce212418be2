import { request } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { assertBuilt } from '../house/repo.ts';
import { opened, until } from './clients.ts';
import { get, post, serve } from './served.ts';
import { type Started, start } from './started.ts';

const main = 'demos/server/main.ts';
const tea = { customer: 7, items: ['tea'] };
const paths = ['/quotes', '/shared/quotes'];

describe('SIGTERM', () => {
  beforeAll(assertBuilt);

  it('under load loses no request that was accepted, and the server ends by itself', async () => {
    await using started = await start(main, { PRICES_MS: '20' });
    const counts = { answered: 0, refused: 0, notConnected: 0, other: 0 };
    let isOver = false;

    const clients = Array.from({ length: 40 }, async (_, client) => {
      const url = started.base + paths[client % 2];
      while (!isOver) {
        const status = await post(url, tea).then(
          ({ status, body }) => (body.total === 2.79 ? 200 : status),
          () => 0,
        );
        if (status === 200) counts.answered++;
        else if (status === 503) counts.refused++;
        else if (status === 0) counts.notConnected++;
        else counts.other++;
        isOver ||= status === 0;
      }
    });
    await until(() => counts.answered > 200);
    started.child.kill('SIGTERM');
    const code = await started.exit;
    isOver = true;
    await Promise.all(clients);

    const drained = started.lines.find(({ msg }) => msg === 'drained');
    expect(code).toBe(0);
    expect(drained?.ended).toBe(drained?.accepted);
    expect(counts.answered).toBe(drained?.accepted);
    expect(counts.other).toBe(0);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('answers what is under way: %s', async (signal) => {
    await using started = await start(main, { PRICES_MS: '500' });

    const underWay = Array.from({ length: 20 }, (_, i) => post(started.base + paths[i % 2], tea));
    await accepted(started, 20);
    started.child.kill(signal);

    expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(await started.exit).toBe(0);
  });

  it('ends streams after what their clients have been sent, and those of clients that do not read in time', async () => {
    await using started = await start(main, { DRAIN_MS: '300' });
    const stuck = await opened(`${started.base}/readings?count=1000000`);
    const closed = new Promise((resolve) => {
      stuck.response.once('close', resolve);
    });
    const { body } = await fetch(`${started.base}/readings?count=1000000`);
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader?.read())?.value ?? '';

    started.child.kill('SIGTERM');
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
      text += part.value;

    const rows = text.trimEnd().split('\n');
    expect(JSON.parse(rows.at(-1) as string)).toMatchObject({ id: rows.length });
    expect(await started.exit).toBe(0);
    stuck.response.resume();
    await closed;
  });
});

describe('a server that shuts down', () => {
  it('answers what is under way, and meanwhile tells new requests to come back later', async () => {
    const held: (() => void)[] = [];
    const prices = () =>
      new Promise<number[]>((resolve) => {
        held.push(() => resolve([1]));
      });
    await using served = await serve({ prices, deadline: 30_000, drainWithin: 30_000 });

    const underWay = paths.map((path) => post(served.base + path, tea));
    await until(() => held.length === 2);
    const closed = served.http.close();
    await until(() => served.drain.isDraining);
    const late = await Promise.all(paths.map((path) => post(served.base + path, tea)));
    for (const go of held) go();

    expect(late.map(({ status, headers, body }) => [status, headers.get('retry-after'), body.title])).toEqual(
      paths.map(() => [503, '1', 'Service Unavailable']),
    );
    expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([200, 200]);
    await closed;
    expect(served.drain).toMatchObject({ accepted: 2, ended: 2, refused: 2 });
    await expect(served.shared.quotes.call(tea)).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it('does not wait for ever for a client that never sends the rest of its request', async () => {
    await using served = await serve({ drainWithin: 50 });
    const headers = { 'content-type': 'application/json', 'content-length': 9 };
    const to = { host: '127.0.0.1', port: served.port, method: 'POST', path: '/quotes' };
    const slow = request({ ...to, headers });
    const cut = new Promise((resolve) => {
      slow.once('error', resolve);
    });
    slow.write('{');
    await until(() => served.drain.accepted === 1);

    await served.http.close();

    await cut;
  });
});

/** The question itself counts as a request, too. */
async function accepted({ base }: Started, requests: number): Promise<void> {
  for (let asked = 1; Number((await get(`${base}/stats`)).body.requests) < requests + asked; ) asked++;
}
