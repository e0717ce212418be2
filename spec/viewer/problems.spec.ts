import { createPipeline, type Definition, inlet, type ProcessorError } from 'sluice';
import { describe, expect, it } from 'vitest';
import { payloadText } from '../../lib/viewer/shown.ts';
import { node as program } from '../house/child.ts';
import { assertBuilt, root } from '../house/repo.ts';
import { stageOf } from './scene.ts';

function failing(onError: 'skip' | 'dead-letter', thrown: (n: number) => unknown, payloads = false) {
  const definition: Definition = {
    nodes: {
      n: inlet(),
      picky: {
        run: (n: number) => {
          throw thrown(n);
        },
        onError,
        retry: { attempts: 2, delay: 0 },
      },
    },
    graph: { n: ['picky'] },
  };
  const pipeline = createPipeline(definition);
  return { pipeline, stage: stageOf(pipeline, payloads) };
}

describe('the last problems', () => {
  it.each([
    ['skip', 'error', 'skipped after 2 attempts'],
    ['dead-letter', 'dead-letter', 'dead letter after 2 attempts'],
  ] as const)('have what failed under onError: %s, once', async (onError, kind, outcome) => {
    const { pipeline, stage } = failing(onError, (n) => new Error(`no ${n}`));

    await pipeline.push(7);
    await pipeline.stop();
    const { count, list } = stage.problems.after(0);

    expect(count).toBe(1);
    expect(list).toMatchObject([
      { kind, outcome, node: 'picky', pipeline: 1, text: 'node picky: run failed: no 7' },
    ]);
    // Where it was thrown, not where it was wrapped.
    expect(list[0]?.stack).toMatch(/^Error: no 7\n.*problems\.spec\.ts/);
    expect(list[0]).not.toHaveProperty('payload');
  });

  it('show payloads where they are asked for', async () => {
    const { pipeline, stage } = failing('skip', () => new Error('no'), true);

    await pipeline.push({ a: 1 });
    await pipeline.stop();

    expect(stage.problems.after(0).list[0]?.payload).toBe('{ a: 1 }');
  });

  it('are as many as a page can show, and in a second no more than can be read; all are counted', async () => {
    const { pipeline, stage } = failing('skip', () => new Error('no'));

    for (let n = 0; n < 500; n++) await pipeline.push(n);
    await pipeline.stop();

    expect(stage.problems.count).toBe(500);
    expect(stage.problems.after(0).list).toHaveLength(50);
  });

  it('have a pipeline that failed, which is still an unhandled rejection if nobody else looks', async () => {
    assertBuilt();
    const text = `
      import { createPipeline } from 'sluice';
      import { serveViewer } from 'sluice/viewer';
      let begin;
      const begun = new Promise((resolve) => { begin = resolve; });
      const pipeline = createPipeline({ nodes: {
        n: async function* () { await begun; yield 1; },
        bad: () => { throw new Error('nobody looks'); },
      }, graph: { n: ['bad'] } });
      await serveViewer(pipeline);
      begin();
    `;

    const { code, stderr } = await program(['--input-type=module', '-e', text], root);

    expect(code).not.toBe(0);
    expect(stderr).toContain('nobody looks');
  });

  it('have the stall that ended a pipeline', async () => {
    const definition: Definition = {
      nodes: {
        n: { inlet: true },
        h: { run: (n: number) => n, aggregateInputs: false, queueSize: 2 },
        twice: { run: (n: number) => [n, n], many: true, queueSize: 2 },
      },
      graph: { n: ['h'], h: ['twice'], twice: [{ to: 'h', feedback: true, queueSize: 4 }] },
    };
    const pipeline = createPipeline(definition);
    const stage = stageOf(pipeline);

    void pipeline.push(1).catch(() => {});
    const error = await pipeline.done.catch((reason: ProcessorError) => reason);

    expect(error).toMatchObject({ code: 'STALL' });
    expect(stage.problems.after(0).list).toMatchObject([{ kind: 'pipeline', outcome: 'STALL', node: null }]);
    expect(stage.scene.followed.stall).toMatchObject({ pipeline: 1, error });
    expect(stage.scene.followed.counts).toEqual({ running: 0, ended: 1, failed: 1 });
  });

  it.each<[string, unknown]>([
    ['no error', 'a text'],
    ['nothing', undefined],
    [
      'an error with a hostile message',
      Object.defineProperty(new Error('x'), 'message', { get: () => hostile() }),
    ],
    [
      'an error with a hostile stack',
      Object.defineProperty(new Error('x'), 'stack', { get: () => hostile() }),
    ],
    [
      'an error with a hostile cause',
      Object.defineProperty(new Error('x'), 'cause', { get: () => hostile() }),
    ],
    [
      'an error that is its own cause',
      Object.defineProperty(new Error('x'), 'cause', {
        get(this: Error) {
          return this;
        },
      }),
    ],
    ['an error that says too much', new Error('x'.repeat(100_000))],
    [
      'a hostile proxy',
      new Proxy({}, { get: () => hostile(), ownKeys: () => hostile(), getPrototypeOf: () => hostile() }),
    ],
  ])('can be anything: %s', async (_, thrown) => {
    const { pipeline, stage } = failing('skip', () => thrown, true);

    await pipeline.push(1);
    await pipeline.stop();

    const [problem] = stage.problems.after(0).list;
    expect(problem?.text.length).toBeLessThan(1000);
    expect((problem?.stack ?? '').length).toBeLessThan(3000);
  });
});

describe('a payload that is shown', () => {
  it('runs nothing of its own', () => {
    const payload = {
      get secret() {
        return hostile();
      },
      toString: hostile,
      toJSON: hostile,
      [Symbol.for('nodejs.util.inspect.custom')]: hostile,
    };

    expect(payloadText(payload)).toContain('[Getter]');
  });

  it.each<[string, unknown]>([
    ['long text', 'x'.repeat(1e6)],
    ['many items', Array.from({ length: 1e5 }, (_, n) => n)],
    ['deep', Array.from({ length: 1000 }).reduce((inner) => ({ inner }), {})],
    ['wide', Object.fromEntries(Array.from({ length: 1e4 }, (_, n) => [`key${n}`, n]))],
  ])('is shortened: %s', (_, payload) => {
    expect(payloadText(payload).length).toBeLessThan(310);
  });
});

function hostile(): never {
  throw new Error('was called');
}
