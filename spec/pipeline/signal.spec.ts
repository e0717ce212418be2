import { type Context, type Definition, inlet } from 'sluice';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { collect, pass, start } from './pipelines.ts';

const fed: Definition = { nodes: { a: inlet(), sink: pass }, graph: { a: ['sink'] } };

describe('a signal from outside', () => {
  it('aborts the pipeline with its reason', async () => {
    const controller = new AbortController();
    const pipeline = start(fed, { signal: controller.signal });
    await turns(5);

    controller.abort('the request is gone');

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', cause: 'the request is gone' });
  });

  it('that is aborted before the start lets nothing begin', async () => {
    const begun: string[] = [];
    const run = {
      run: () => begun.push('run'),
      setup: () => begun.push('setup'),
      teardown: () => begun.push('teardown'),
    };
    const pipeline = start({ nodes: { run }, graph: {} }, { signal: AbortSignal.abort('too late') });

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', cause: 'too late' });
    expect(begun).toEqual([]);
  });

  it('is let go of when the pipeline is over', async () => {
    const listeners: string[] = [];
    const signal = {
      aborted: false,
      addEventListener: (name: string) => listeners.push(name),
      removeEventListener: () => listeners.pop(),
    } as unknown as AbortSignal;
    const pipeline = start(fed, { signal });
    const during = [...listeners];

    await pipeline.stop();

    expect([during, listeners]).toEqual([['abort'], []]);
  });
});

describe('the signal of a pipeline', () => {
  it('is aborted already for a function that asks for it late', async () => {
    let late: AbortSignal | undefined;
    const { opened, open } = gate();
    const pipeline = start({
      nodes: {
        s: () => [1],
        sink: async (_: unknown, context: Context) => {
          await opened;
          late = context.signal;
        },
      },
      graph: { s: ['sink'] },
    });
    await turns(5);
    pipeline.abort('enough');

    open();
    await rejectionOf(pipeline.done);

    expect(late?.aborted).toBe(true);
    expect(late?.reason).toMatchObject({ code: 'ABORTED', cause: 'enough' });
  });

  it('is left alone by a good end', async () => {
    const signals: AbortSignal[] = [];
    const nodes = {
      s: () => [1],
      sink: (_: unknown, { signal }: Context) => {
        signals.push(signal);
      },
    };
    const pipeline = start({ nodes, graph: { s: ['sink'] } });

    await collect(pipeline);
    await pipeline.done;

    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });
});
