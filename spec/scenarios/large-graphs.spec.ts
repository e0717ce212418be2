import { type Definition, Plumber } from 'sluice';
import { withoutLeaks } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../support/rejection.ts';

describe('a graph of 10 000 nodes in a row', () => {
  it('is checked, built, described and run without a stack overflow', async () => {
    await withoutLeaks(async () => {
      const length = 10_000;

      const { outputs, messages, description, diagrams } = await runWith(chain(length), 'last');

      expect(outputs).toEqual([length - 2, length - 1, length]);
      expect(messages).toBe(3 * (length + 1));
      expect(description.order).toHaveLength(length + 2);
      expect(diagrams).toBeGreaterThan(2 * length);
    });
  });

  it('is closed from behind without a stack overflow when the join at its end is over', async () => {
    await withoutLeaks(async () => {
      const { nodes, graph } = chain(10_000);
      const pipeline = new Plumber({
        nodes: { ...nodes, first: thenWait, short: () => [1], last: (row: object) => row },
        graph: { ...graph, short: ['last'], last: null },
      } as Definition).createPipeline();

      const { left, nodes: counters } = await pipeline.done;

      expect(left).toBe(0);
      expect(counters.last).toMatchObject({ received: 1, processed: 1 });
    });
  });

  it('is aborted without a stack overflow', async () => {
    await withoutLeaks(async () => {
      const { nodes, graph } = chain(10_000);
      const pipeline = new Plumber({
        nodes: { ...nodes, first: thenWait },
        graph,
      } as Definition).createPipeline();
      const reader = pipeline.outputs('last');

      await reader.next();
      pipeline.abort();
      const reason = await rejectionOf(pipeline.done);

      expect(reason).toMatchObject({ code: 'ABORTED', stragglers: [] });
      expect(await rejectionOf(reader.next())).toBe(reason);
    });
  });

  it('costs in proportion to its length: four times the nodes, not sixteen times the time', async () => {
    await withoutLeaks(async () => {
      const [small, large] = await timesOf(chain, [2500, 10_000]);

      expect(large / small).toBeLessThan(10);
    });
  });
});

describe('a graph of 1000 branches into one join', () => {
  it('is checked, built, described and run, and every row has every branch', async () => {
    await withoutLeaks(async () => {
      const branches = 1000;

      const { outputs, messages, description } = await runWith(fan(branches), 'last');

      expect(outputs).toEqual([branches, branches, branches]);
      expect(messages).toBe(3 * (branches + 1));
      expect(description.nodes.at(-1)).toMatchObject({ name: 'last', fanIn: 'join' });
    });
  });

  it('costs in proportion to their number: four times the branches, not sixteen times the time', async () => {
    await withoutLeaks(async () => {
      const [small, large] = await timesOf(fan, [1000, 4000]);

      expect(large / small).toBeLessThan(10);
    });
  });
});

/** `first`, then so many nodes that add one, then `last`. */
function chain(length: number): Definition {
  const names = Array.from({ length }, (_, i) => `n${i}`);
  const increment = (n: number): number => n + 1;
  return {
    nodes: {
      first: () => [-2, -1, 0],
      ...Object.fromEntries(names.map((name) => [name, increment])),
      last: (n: number) => n,
    },
    graph: Object.fromEntries(['first', ...names].map((name, i) => [name, [names[i] ?? 'last']])),
  };
}

/** `first`, then so many nodes side by side, then `last`. */
function fan(branches: number): Definition {
  const names = Array.from({ length: branches }, (_, i) => `n${i}`);
  return {
    nodes: {
      first: () => [1, 2, 3],
      ...Object.fromEntries(names.map((name) => [name, (n: number) => n])),
      last: (row: object) => Object.keys(row).length,
    },
    graph: { first: names, ...Object.fromEntries(names.map((name) => [name, ['last']])) },
  };
}

async function runWith(definition: Definition, sink: string) {
  const plumber = new Plumber(definition);
  const diagrams = plumber.toMermaid().split('\n').length + plumber.toDot().split('\n').length;
  const pipeline = plumber.createPipeline();
  const outputs: unknown[] = [];
  for await (const value of pipeline.outputs(sink)) outputs.push(value);
  const { nodes } = await pipeline.done;
  const messages = Object.values(nodes).reduce((sum, { sent }) => sum + sent, 0) - outputs.length;
  return { outputs, messages, description: plumber.describe(), diagrams };
}

/** The time each size takes, the best of a few tries. */
async function timesOf(
  build: (size: number) => Definition,
  sizes: [number, number],
): Promise<[number, number]> {
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] as [number, number];
  for (let round = 0; round < 4; round++) {
    for (const [i, size] of sizes.entries()) {
      const definition = build(size);
      const start = performance.now();
      await runWith(definition, 'last');
      best[i] = Math.min(best[i] as number, performance.now() - start);
    }
  }
  return best;
}

/** Sends three items and then has nothing more to send until it is told to stop. */
async function* thenWait({ signal }: { signal: AbortSignal }): AsyncGenerator<number> {
  yield* [1, 2, 3];
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
