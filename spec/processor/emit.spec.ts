import type { SourceContext } from 'sluice';
import { describe, expect, it } from 'vitest';
import { collect, pass, start, stateOf } from '../pipeline/pipelines.ts';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';

/** A pipeline of a source and a sink that hands on what it gets. */
const from = (run: (context: SourceContext) => unknown) =>
  start({ nodes: { source: run, sink: pass }, graph: { source: ['sink'] } });

describe('emitting', () => {
  it('waits until every successor has accepted the value', async () => {
    const { opened, open } = gate();
    const accepted: number[] = [];
    const pipeline = start({
      nodes: {
        source: async ({ emit }: SourceContext) => {
          for (const value of [1, 2, 3, 4]) {
            await emit(value);
            accepted.push(value);
          }
        },
        slow: { run: () => opened, queueSize: 1 },
      },
      graph: { source: ['slow'] },
    });
    await turns(20);

    expect(accepted).toEqual([1, 2]);
    open();
    await pipeline.done;
    expect(accepted).toEqual([1, 2, 3, 4]);
  });

  it('takes null for no row, and accepts it at once', async () => {
    const pipeline = from(async ({ emit }) => {
      await emit(null);
      await emit(1);
    });

    expect(await collect(pipeline)).toEqual([1]);
  });

  it('is refused once the source has ended', async () => {
    let emit: SourceContext['emit'] = async () => {};
    const pipeline = from(async (context) => {
      emit = context.emit;
    });
    await pipeline.done;

    expect(await rejectionOf(emit(1))).toMatchObject({ code: 'STOPPED' });
  });

  it('is refused once the source has failed, and once it has given an iterable', async () => {
    const refused: unknown[] = [];
    const emitLate = (context: SourceContext, answer: unknown): unknown => {
      void turns(5).then(async () => refused.push(await rejectionOf(context.emit(1))));
      return answer;
    };
    const failing = from((context) => emitLate(context, 7));
    const iterable = from((context) => emitLate(context, [1]));

    await Promise.all([rejectionOf(failing.done), iterable.done, turns(10)]);

    expect(refused).toMatchObject([{ code: 'STOPPED' }, { code: 'STOPPED' }]);
  });

  it('is refused by a stop, and a source that lets this through has done nothing wrong', async () => {
    const pipeline = from(async ({ emit }) => {
      for (let value = 0; ; value++) await emit(value);
    });
    await turns(5);

    const summary = await pipeline.stop();

    expect(await stateOf(pipeline.done)).toBe('resolved');
    expect(summary.nodes.source).toMatchObject({ failed: 0 });
  });

  it('is refused by an abort with its reason', async () => {
    let refusal: unknown;
    const { opened } = gate();
    const pipeline = start(
      {
        nodes: {
          source: async ({ emit }: SourceContext) => {
            try {
              for (;;) await emit(1);
            } catch (error) {
              refusal = error;
            }
          },
          slow: { run: () => opened, queueSize: 1 },
        },
        graph: { source: ['slow'] },
      },
      { grace: 0 },
    );
    await turns(5);

    pipeline.abort('enough');
    await rejectionOf(pipeline.done);

    expect(refusal).toMatchObject({ code: 'ABORTED', cause: 'enough' });
  });
});

describe('the signal of a source', () => {
  it('is aborted by a stop before its generator is asked to return: a pending wait would keep it', async () => {
    const steps: string[] = [];
    const pipeline = from(async function* ({ signal }) {
      try {
        yield 1;
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            steps.push('aborted');
            resolve();
          });
        });
      } finally {
        steps.push('returned');
      }
    });
    await turns(5);

    await pipeline.stop();

    expect(steps).toEqual(['aborted', 'returned']);
  });

  it('is aborted already for who asks for it late', async () => {
    let late: AbortSignal | undefined;
    const pipeline = from(async (context) => {
      await turns(10);
      late = context.signal;
    });
    await turns(2);

    await pipeline.stop();

    expect(late?.aborted).toBe(true);
  });
});
