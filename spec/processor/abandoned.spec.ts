import { type Definition, inlet } from 'sluice';
import { describe, expect, it } from 'vitest';
import { pass, start } from '../pipeline/pipelines.ts';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';

/** Nodes behind an inlet, the last of which is called `last` and works on one input until the spec lets it go on. */
const graphs: Record<string, (last: (input: unknown) => unknown) => Definition> = {
  'a node': (last) => ({ nodes: { a: inlet(), last }, graph: { a: ['last'] } }),
  'a join': (last) => ({ nodes: { a: inlet(), b: pass, last }, graph: { a: ['b', 'last'], b: ['last'] } }),
  'a partial join': (last) => ({
    nodes: { a: inlet(), b: pass, last: { run: last, aggregateInputs: 'partial' } },
    graph: { a: ['b', 'last'], b: ['last'] },
  }),
  'a merge': (last) => ({
    nodes: { a: inlet(), b: pass, last: { run: last, aggregateInputs: false } },
    graph: { a: ['b', 'last'], b: ['last'] },
  }),
  'a node that sends many': (last) => ({
    nodes: { a: inlet(), last: { run: (input: unknown) => last(input), many: true } },
    graph: { a: ['last'] },
  }),
  'a node before a join': (last) => ({
    nodes: { a: inlet(), last, join: pass },
    graph: { a: ['last', 'join'], last: ['join'] },
  }),
};

describe('what belongs to a caller who is gone', () => {
  it.for(Object.entries(graphs))(
    'is let go of before %s is called with it, and the next caller is served',
    async ([, graph]) => {
      const { opened, open } = gate();
      const seen: unknown[] = [];
      const pipeline = start(
        graph(async (input) => {
          seen.push(input);
          await opened;
          return [input];
        }),
      );
      const controller = new AbortController();
      const [first, gone, next] = ['first', 'gone', 'next'].map((value) =>
        pipeline.call(value, value === 'gone' ? { signal: controller.signal } : {}),
      ) as [Promise<unknown>, Promise<unknown>, Promise<unknown>];
      await turns(5);

      controller.abort();
      expect(await rejectionOf(gone)).toMatchObject({ code: 'ABORTED' });
      open();
      await Promise.all([first, next]);

      expect(JSON.stringify(seen)).toContain('first');
      expect(JSON.stringify(seen)).toContain('next');
      expect(JSON.stringify(seen)).not.toContain('gone');
      const { edges, left } = await pipeline.stop();
      expect(edges.some(({ discarded }) => discarded > 0)).toBe(true);
      expect(left).toBe(0);
    },
  );

  it('is let go of without a word to the others in a row that two callers share', async () => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: { a: inlet(), b: inlet(), join: () => opened.then(() => 'row') },
      graph: { a: ['join'], b: ['join'] },
    });
    const controller = new AbortController();
    const gone = pipeline.inlet('a').call(1, { signal: controller.signal });
    const other = pipeline.inlet('b').call(2);
    await turns(5);

    controller.abort();
    await rejectionOf(gone);
    open();

    expect(await other).toEqual({ join: ['row'] });
    await pipeline.stop();
  });
});
