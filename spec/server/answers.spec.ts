import {
  GraphError,
  OverflowError,
  ProcessorError,
  StallError,
  StoppedError,
  TimeoutError,
  ValidationError,
  WorkerError,
} from 'sluice';
import { describe, expect, it } from 'vitest';
import { answerTo, HttpError, logged, UpstreamError } from '../../demos/server/answers.ts';
import { get, post, type Reply, serve } from './served.ts';

const tea = { customer: 7, items: ['tea'] };

/** What is said of an error, and that nothing else is. */
function expectProblem(reply: Reply, status: number, more: object = {}): void {
  expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(reply.body).toEqual({ type: 'about:blank', title: expect.any(String), status, ...more });
  expect(reply.status).toBe(status);
  expect(reply.text).not.toMatch(/secret|at .*:\d+:\d+|stack|cause/);
}

describe('an error over HTTP', () => {
  it('of a definition from a client is a 400 that lists all problems', async () => {
    await using served = await serve();

    const reply = await post(`${served.base}/graphs`, {
      nodes: { a: 'uper' },
      graph: { a: ['b'] },
    });

    expectProblem(reply, 400, { problems: expect.any(Array) });
    expect((reply.body.problems as { path: string }[]).map(({ path }) => path)).toEqual(
      expect.arrayContaining(['nodes.a', 'graph.a[0]']),
    );
  });

  it('of a definition that asks for too much is a 400, too', async () => {
    await using served = await serve();
    const nodes = { word: { inlet: true }, up: { run: 'upper', concurrency: 1_000_000 } };

    const reply = await post(`${served.base}/graphs`, { nodes, graph: { word: ['up'] } });

    expectProblem(reply, 400, { problems: [expect.objectContaining({ path: 'nodes.up.concurrency' })] });
  });

  it.each(['/quotes', '/shared/quotes'])(
    'of an input that does not fit is a 422 with the issues: %s',
    async (path) => {
      await using served = await serve();

      const reply = await post(served.base + path, { customer: 'seven', items: [] });

      expectProblem(reply, 422, { issues: expect.any(Array) });
      expect((reply.body.issues as { path: string[] }[]).map(({ path }) => path)).toEqual([
        ['customer'],
        ['items'],
      ]);
    },
  );

  it('of an id that is none is a 422', async () => {
    await using served = await serve();

    expectProblem(await get(`${served.base}/customers/seven`), 422, { issues: [expect.any(Object)] });
  });

  it.each(['{', ''])('of a body that is no JSON is a 400: %j', async (text) => {
    await using served = await serve();

    expectProblem(await post(`${served.base}/quotes`, text), 400);
  });

  it('of a body that is too large is a 413, and of an unknown route a 404', async () => {
    await using served = await serve();

    expectProblem(await post(`${served.base}/quotes`, { items: ['x'.repeat(20_000)] }), 413);
    expectProblem(await get(`${served.base}/nowhere`), 404);
  });

  it.each(['/quotes', '/shared/quotes'])(
    'of another service is a 502, and of our own code a 500: %s',
    async (path) => {
      await using served = await serve();

      expectProblem(await post(served.base + path, { ...tea, items: ['unobtainium'] }), 502);
      expectProblem(await post(served.base + path, { ...tea, items: ['bug'] }), 500);

      const failures = served.lines.filter(({ code }) => code === 'PROCESSOR');
      expect(failures.map(({ node, phase, status }) => ({ node, phase, status }))).toEqual([
        { node: 'prices', phase: 'run', status: 502 },
        { node: 'prices', phase: 'run', status: 500 },
      ]);
      expect(
        failures.every(({ reqId, message }) => typeof reqId === 'string' && Object(message).id.length === 36),
      ).toBe(true);
      expect(JSON.stringify(failures)).not.toContain('items');
    },
  );

  it.each(['/quotes', '/shared/quotes'])('of a node that takes too long is a 504: %s', async (path) => {
    await using served = await serve({ prices: () => new Promise(() => {}), timeout: 20 });

    expectProblem(await post(served.base + path, tea), 504);
  });

  it.each(['/quotes', '/shared/quotes'])('of a request whose time is up is a 504: %s', async (path) => {
    let signal: AbortSignal | undefined;
    const prices = (_: unknown, given: AbortSignal) => {
      signal = given;
      return new Promise<never>(() => {}); // deaf, too
    };
    await using served = await serve({ prices, deadline: 30 });

    expectProblem(await post(served.base + path, tea), 504);
    expect(signal?.aborted).toBe(true);
  });

  it('of a shared pipeline that is full is a 503 that says when to come back', async () => {
    const waiting: (() => void)[] = [];
    const prices = () =>
      new Promise<number[]>((resolve) => {
        waiting.push(() => resolve([1]));
      });
    await using served = await serve({ prices, atOnce: 1, waiting: 1 });
    const open = () => {
      for (const go of waiting.splice(0)) go();
    };

    const replies = Array.from({ length: 60 }, () => post(`${served.base}/shared/quotes`, tea));
    const refused = await Promise.any(
      replies.map(async (reply) => ((await reply).status === 503 ? reply : Promise.reject())),
    );
    const opener = setInterval(open, 1);
    const all = await Promise.all(replies);
    clearInterval(opener);

    expectProblem(refused, 503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200, 503]));
    expectProblem(all.find(({ status }) => status === 503) as Reply, 503);
  });

  it('of a pipeline that has stopped is a 503 that says when to come back', async () => {
    await using served = await serve();
    await served.shared.quotes.stop();

    const reply = await post(`${served.base}/shared/quotes`, tea);

    expectProblem(reply, 503);
    expect(reply.headers.get('retry-after')).toBe('1');
  });
});

describe('the answer to', () => {
  const failed = (cause: unknown, phase: 'run' | 'input' | 'output' = 'run') =>
    new ProcessorError('node', phase, { payload: 'secret', id: 'm' }, cause);
  const invalid = new ValidationError([{ message: 'wrong', path: ['a', { key: 0 }] }]);
  const aborted = (cause: unknown) => new StoppedError('ABORTED', 'call', { cause });

  it.each<[string, unknown, number]>([
    ['a definition', new GraphError([{ code: 'no-nodes', path: 'nodes', message: 'none' }]), 400],
    ['an input', invalid, 422],
    ['a full inlet', new OverflowError('in', undefined, 3), 503],
    ['a full queue inside', new OverflowError('b', 'a', 3, 'secret'), 503],
    ['a stopped pipeline', new StoppedError('STOPPED', 'inlet'), 503],
    ['a pipeline that was cut short', aborted(new Error('secret')), 503],
    ['a deadline', aborted(AbortSignal.timeout(0).reason ?? new DOMException('', 'TimeoutError')), 504],
    ['a client that has gone', aborted(new DOMException('', 'AbortError')), 499],
    ['a timeout of a node', failed(new TimeoutError(5)), 504],
    [
      'a deadline in a pipeline that a function calls',
      failed(aborted(new DOMException('', 'TimeoutError'))),
      504,
    ],
    ['a full pipeline that a function calls', failed(new OverflowError('in', undefined, 3)), 503],
    ['a failure in a pipeline that a function calls', failed(failed(new UpstreamError('secret'))), 502],
    ['an output that does not fit', failed(invalid, 'output'), 502],
    ['an input inside that does not fit', failed(invalid, 'input'), 500],
    ['a definition that a function has made', failed(new GraphError([])), 500],
    ['a function that throws', failed(new Error('secret')), 500],
    ['a function that throws nothing', failed(undefined), 500],
    ['a thread that died', failed(new WorkerError(new Error('secret'))), 500],
    ['a stall', new StallError([]), 500],
    ['an error with a status', new HttpError(404, 'secret'), 404],
    ['an error of a framework', Object.assign(new Error('secret'), { statusCode: 415 }), 415],
    ['a status that is none', Object.assign(new Error('secret'), { status: 200 }), 500],
    ['what is no error', 'secret', 500],
    ['nothing', undefined, 500],
  ])('%s', (_title, error, status) => {
    const answer = answerTo(error);

    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, title: expect.any(String) });
    expect(answer.headers['retry-after']).toBe(status === 503 ? '1' : undefined);
    expect(JSON.stringify(answer)).not.toMatch(/secret|undefined/);
    expect(JSON.stringify(logged(error)) ?? '').not.toContain('payload');
  });
});
