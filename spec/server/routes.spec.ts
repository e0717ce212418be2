import { describe, expect, it } from 'vitest';
import { get, post, serve } from './served.ts';

/** A message in the log. */
interface Shown {
  readonly id: string;
  readonly inputs: readonly string[];
}

const tea = { customer: 7, items: ['tea', 'milk'] };

describe.each(['/quotes', '/shared/quotes'])('POST %s', (path) => {
  it('answers each of many requests with its own quote', async () => {
    await using served = await serve();
    const customers = Array.from({ length: 200 }, (_, i) => i + 1);

    const replies = await Promise.all(
      customers.map((customer) =>
        post(served.base + path, { customer, items: ['x'.repeat(1 + (customer % 9))] }),
      ),
    );

    expect(replies.map(({ status, body }) => [status, body])).toEqual(
      customers.map((customer) => [
        200,
        { customer: `customer ${customer}`, total: ((1 + (customer % 9)) * (100 - (customer % 20))) / 100 },
      ]),
    );
  });

  it('answers 404 where a node has found nothing', async () => {
    await using served = await serve();

    const { status, body } = await post(served.base + path, { ...tea, customer: 4711 });

    expect({ status, body }).toEqual({
      status: 404,
      body: { type: 'about:blank', title: 'Not Found', status: 404 },
    });
  });

  it('has lines in the log that name the request, the node and the message', async () => {
    await using served = await serve();

    const [one, other] = await Promise.all([post(served.base + path, tea), post(served.base + path, tea)]);

    const ids = [one, other].map(({ headers }) => headers.get('x-request-id'));
    const nodes = served.lines.filter(({ node, reqId }) => node !== undefined && reqId !== undefined);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) {
      const own = nodes.filter(({ reqId }) => reqId === id);
      expect(own.map(({ node }) => node).sort()).toEqual(['customer', 'prices']);
      expect(new Set(own.map(({ message }) => (message as Shown).id)).size).toBe(1); // the order, which both are given
      expect(own.flatMap(({ message }) => (message as Shown).inputs)).toHaveLength(2);
    }
    const inputs = nodes.flatMap(({ message }) => (message as Shown).inputs);
    expect(new Set(inputs).size).toBe(2);
    expect(JSON.stringify(nodes)).not.toContain('milk');
  });
});

describe('GET /customers/:id', () => {
  it('gathers the look-ups of requests that come together into a few queries', async () => {
    await using served = await serve();
    const before = (await get(`${served.base}/stats`)).body as { requests: number; queries: number };

    const replies = await Promise.all(
      Array.from({ length: 300 }, (_, i) => get(`${served.base}/customers/${i + 1}`)),
    );

    const after = (await get(`${served.base}/stats`)).body as { requests: number; queries: number };
    expect(replies.map(({ status, body }) => [status, body.name])).toEqual(
      replies.map((_, i) => [200, `customer ${i + 1}`]),
    );
    expect(after.requests - before.requests).toBe(301);
    expect(after.queries - before.queries).toBeLessThan(100);
  });

  it('has one line in the log for each query, with how many inputs it is for', async () => {
    await using served = await serve();

    await Promise.all(Array.from({ length: 50 }, (_, i) => get(`${served.base}/customers/${i + 1}`)));

    const queries = served.lines.filter(({ msg }) => msg === 'one query');
    expect(queries.flatMap(({ message }) => (message as Shown).inputs)).toHaveLength(50);
    expect(queries.every(({ node }) => node === 'customer')).toBe(true);
  });
});

describe('POST /graphs', () => {
  it('draws a definition', async () => {
    await using served = await serve();
    const definition = { nodes: { word: { inlet: true }, up: 'upper' }, graph: { word: ['up'] } };

    const { status, body } = await post(`${served.base}/graphs`, definition);

    expect(status).toBe(200);
    expect(body.mermaid).toContain('word');
  });
});
