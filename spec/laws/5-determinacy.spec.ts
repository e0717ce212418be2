import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphs, runs } from './arbitrary.ts';
import { interpret } from './interpreter.ts';
import { complete, start } from './run.ts';

describe('law 5, determinacy: without merges, order of completion and drops', () => {
  it('returns from every sink what a sequential interpreter does, whatever the schedule, the capacities and the concurrency', async () => {
    await fc.assert(
      fc.asyncProperty(graphs(), async (graph) => {
        const running = start(graph);
        await complete(running);

        expect(running.outputs).toEqual(interpret(graph));
      }),
      { numRuns: runs },
    );
  });

  it('does so under every order in which functions and readers are let go on', async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs({ roots: ['source', 'push'], mostItems: 6 }),
        fc.scheduler(),
        async (graph, scheduler) => {
          const running = start(graph, (delay, what) =>
            delay === 0 ? undefined : scheduler.schedule(Promise.resolve(), what),
          );
          await scheduler.waitFor(complete(running));

          expect(running.outputs).toEqual(interpret(graph));
        },
      ),
      { numRuns: runs },
    );
  });
});
