import fc from 'fast-check';
import { createPipeline, type StallError, type Wait } from 'sluice';
import { describe, expect, it } from 'vitest';
import { unlessIdle } from '../support/watchdog.ts';
import { runs } from './arbitrary.ts';
import { interpret, itemsOf, type LoopGraph, loopGraphs, toDefinition } from './loops.ts';

const bounded = [1, 2, 3, 16];
const unbounded = [Number.POSITIVE_INFINITY];

describe('law 11, no hang without a name', () => {
  it('ends with what a plain interpreter finds, of loops in which a message comes back at most once', async () => {
    await fc.assert(
      fc.asyncProperty(
        loopGraphs({ backSizes: bounded, makes: [0, 1, 1, 1], fansOut: false }),
        async (graph) => {
          const { outputs, error } = await complete(graph);

          expect(error).toBeUndefined();
          expect(outputs).toEqual(interpret(graph, itemsOf(graph.items)));
        },
      ),
      { numRuns: runs },
    );
  });

  it('ends with the same, of loops that multiply and are unbounded', async () => {
    await fc.assert(
      fc.asyncProperty(
        loopGraphs({ backSizes: unbounded, makes: [0, 1, 1, 2], fansOut: true }),
        async (graph) => {
          const { outputs, error } = await complete(graph);

          expect(error).toBeUndefined();
          expect(outputs).toEqual(interpret(graph, itemsOf(graph.items)));
        },
      ),
      { numRuns: runs },
    );
  });

  it('ends, or fails with the circle in which nodes wait, of loops that multiply and are bounded', async () => {
    let stalls = 0;
    await fc.assert(
      fc.asyncProperty(
        loopGraphs({ backSizes: bounded, makes: [0, 1, 2, 2], fansOut: true }),
        async (graph) => {
          const { outputs, error } = await complete(graph);

          if (error === undefined) expect(outputs).toEqual(interpret(graph, itemsOf(graph.items)));
          else {
            stalls++;
            expect(error).toMatchObject({ code: 'STALL' });
            expect(faultsOf(error.cycle)).toEqual([]);
          }
        },
      ),
      { numRuns: runs },
    );
    expect(stalls).toBeGreaterThan(0);
  });
});

/** What a circle says that cannot be. */
function faultsOf(cycle: readonly Wait[]): string[] {
  return cycle.flatMap((wait, i) => {
    const { node, from, to, queued, queueSize } = wait;
    const next = cycle[(i + 1) % cycle.length]?.node;
    const says: Record<Wait['for'], boolean> = {
      room: node === from && to === next && queued === queueSize,
      input: node === to && from === next && queued === 0,
      loop: node === to,
      // It is begun before there is a circle.
      batch: false,
    };
    return says[wait.for] ? [] : [JSON.stringify(wait)];
  });
}

/** Runs a graph to its end, and checks that every message is accounted for. */
async function complete(graph: LoopGraph): Promise<{ outputs: string[]; error: StallError | undefined }> {
  let steps = 0;
  const pipeline = createPipeline(toDefinition(graph, () => steps++));
  const outputs: string[] = [];
  let error: StallError | undefined;
  const count = (values: readonly unknown[]): void => {
    steps++;
    outputs.push(...values.map((value) => (value as { path: string }).path));
  };
  const read = async (): Promise<void> => {
    for await (const value of pipeline) count([value]);
  };
  const call = async (): Promise<void> => {
    const calls = itemsOf(graph.items).map(async (item) => {
      const found = await pipeline.call(item);
      count(Object.values(found).flat());
    });
    pipeline.close();
    await Promise.all(calls);
  };
  const worked = Promise.allSettled([graph.isCalled ? call() : read(), pipeline.done]);
  const [, done] = await unlessIdle(
    worked,
    () => steps,
    () => pipeline.metrics(),
  );
  if (done.status === 'rejected') error = done.reason;
  const { nodes, edges } = pipeline.metrics();
  expect(
    edges.filter((edge) => edge.accepted !== edge.taken + edge.unpaired + edge.discarded + edge.queued),
  ).toEqual([]);
  if (error === undefined) {
    expect(edges.filter(({ queued, unpaired, discarded }) => queued + unpaired + discarded > 0)).toEqual([]);
    expect(Object.values(nodes).filter(({ inFlight }) => inFlight > 0)).toEqual([]);
  }
  return { outputs: outputs.sort(), error };
}
