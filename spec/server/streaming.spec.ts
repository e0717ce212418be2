import { describe, expect, it } from 'vitest';
import { opened, steady, until } from './clients.ts';
import { get, serve } from './served.ts';

describe('GET /readings', () => {
  it('streams lines of JSON', async () => {
    await using served = await serve();

    const { status, headers, text } = await get(`${served.base}/readings?count=450`);

    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 450 }, (_, i) => i + 1));
    expect(served.streams.size).toBe(0);
  });

  it('streams server-sent events, and goes on where a client has left off', async () => {
    await using served = await serve();
    const accept = 'text/event-stream';

    const { headers, text } = await get(`${served.base}/readings?count=3`, {
      headers: { accept, 'last-event-id': '1' },
    });
    const over = await get(`${served.base}/readings?count=3`, { headers: { accept, 'last-event-id': '3' } });

    const events = text.split('\n\n').filter((event) => event !== '');
    expect(headers.get('content-type')).toBe(accept);
    expect(events.map((event) => event.split('\n')[0])).toEqual(['id: 2', 'id: 3']);
    expect(JSON.parse(events[0]?.split('\ndata: ')[1] as string)).toMatchObject({ id: 2 });
    expect(over.status).toBe(204);
  });

  it.each(['0', '-1', 'many', '1e9'])('refuses a count of %s', async (count) => {
    await using served = await serve();

    const { status } = await get(`${served.base}/readings?count=${count}`);

    expect(status).toBe(400);
  });

  it.each(['application/x-ndjson', 'text/event-stream'])(
    'asks its source for no more while a client does not read, and for more when it does: %s',
    async (accept) => {
      await using served = await serve();
      const { database, base } = served;
      const before = database.readings;
      const produced = () => database.readings - before;
      const total = 1_000_000; // 300 MB: far more than the sockets on the way hold

      const { request, response } = await opened(`${base}/readings?count=${total}`, { accept });
      const stalled = await steady(produced);
      const asked = database.queries;
      const heldUpBy = [...served.streams].map((stream) => stream.explain().bottleneck?.node);
      response.resume();
      await until(() => produced() > 2 * stalled);
      response.pause();
      await steady(produced);
      request.destroy();
      await until(() => served.streams.size === 0 && database.open === 0);

      expect(stalled).toBeGreaterThan(0);
      expect(stalled).toBeLessThan(total / 10);
      expect(produced()).toBeLessThan(total);
      expect(heldUpBy).toEqual(['reader of line']);
      expect(asked).toBeLessThan(total / 200 / 10);
    },
  );

  it('is slowed down by its own reader and by nobody else', async () => {
    await using served = await serve();
    const { request } = await opened(`${served.base}/readings?count=1000000`);
    await steady(() => served.database.readings);

    const { text } = await get(`${served.base}/readings?count=20000`);

    expect(text.match(/\n/g)).toHaveLength(20_000);
    request.destroy();
    await until(() => served.streams.size === 0);
  });

  it('cuts the connection when its source fails on the way, so that nobody takes a part for the whole', async () => {
    await using served = await serve();
    const { database } = served;
    const ask = database.rows.bind(database);
    database.rows = async function* (...args) {
      yield* ask(args[0], 300, args[2]);
      throw new Error('the disk is gone');
    };

    const reading = get(`${served.base}/readings?count=1000`);
    await expect(reading).rejects.toThrow('terminated');

    database.rows = ask;
    expect((await get(`${served.base}/readings?count=2`)).status).toBe(200);
  });

  it('answers with a problem when its source fails before the first row', async () => {
    await using served = await serve();
    const { database } = served;
    const ask = database.rows.bind(database);
    // biome-ignore lint/correctness/useYield: it fails first
    database.rows = async function* () {
      throw new Error('the disk is gone');
    };

    const { status, headers } = await get(`${served.base}/readings?count=1000`);

    database.rows = ask;
    expect(status).toBe(500);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });
});
