import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphs, runs } from './arbitrary.ts';
import { type InletNode, itemsOf, type SourceNode } from './graph.ts';
import { interpret } from './interpreter.ts';
import { unnest } from './nesting.ts';
import { complete, start } from './run.ts';

describe('law 5, determinacy: without merges, order of completion and drops', () => {
  it('returns from every sink what a sequential interpreter does, whatever the schedule, the capacities and the concurrency', async () => {
    await fc.assert(
      fc.asyncProperty(graphs({ batches: true }), async (graph) => {
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
        graphs({ roots: ['source', 'push'], mostItems: 6, batches: true }),
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

  it('does so for what its sources had sent when it was stopped, at whatever moment', async () => {
    await fc.assert(
      // What is gathered when it is stopped waits for nothing more: which rows make one batch is a matter of the moment.
      fc.asyncProperty(graphs(), fc.nat(60), async (graph, moment) => {
        const running = start(graph);
        let calls = 0;
        running.probe.onCall = () => {
          if (calls++ === moment) void running.pipeline.stop();
        };
        const summary = await complete(running);
        const nodes = unnest(summary.nodes);

        const sent = (node: SourceNode | InletNode) => itemsOf(node).slice(0, nodes[node.name]?.sent);
        expect(running.outputs).toEqual(interpret(graph, sent));
      }),
      { numRuns: runs },
    );
  });
});
