import { inspect } from 'node:util';
import fc from 'fast-check';
import { GraphError, Plumber } from 'sluice';
import { graphs, invalidGraphs, type RandomGraph, simulate } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { runs } from '../laws/arbitrary.ts';
import { rejectionOf } from '../support/rejection.ts';
import { unlessIdle } from '../support/watchdog.ts';

describe('graphs()', () => {
  it('are valid, and run as the interpreter says', async () => {
    await fc.assert(
      fc.asyncProperty(graphs({ merges: false, completion: false }), async ({ definition, inputs }) => {
        const plumber = new Plumber(definition);
        const pipeline = plumber.createPipeline({ inputs });
        const outputs: Record<string, unknown[]> = {};
        const sinks = plumber.describe().nodes.filter((node) => node.outputs.length === 0);
        const readers = sinks.map(async ({ name }) => {
          const values: unknown[] = [];
          outputs[name] = values;
          for await (const value of pipeline.outputs(name)) values.push(value);
        });
        await Promise.all([pipeline.done, ...readers]);

        expect(outputs).toEqual(await simulate(plumber, inputs));
      }),
      { numRuns: runs },
    );
  });

  it('have everything in them: options, behaviours, joins and merges', () => {
    const seen = new Set<unknown>();
    for (const { nodes } of fc.sample(
      graphs({ outcomes: ['pass', 'skip', 'throw', 'reject', 'never'] }),
      500,
    )) {
      for (const node of nodes) {
        for (const delay of node.delays) seen.add(delay);
        if (node.kind !== 'transform') {
          seen.add(node.kind === 'source' ? node.style : node.feed);
          continue;
        }
        if (node.from.length > 1) seen.add(`fan-in ${node.aggregateInputs}`);
        for (const outcome of node.does) seen.add(outcome);
        if (node.many !== undefined) seen.add(`many ${node.many.as}`);
        if (node.queueSize === 1) seen.add('queueSize 1');
        if (node.concurrency > 1) seen.add('concurrency');
        if (node.keys !== undefined) seen.add('keyBy');
        seen.add(node.order);
      }
    }

    expect([...seen].map(String).sort()).toEqual(
      [
        ...['0', '1', '2', '3', 'turn', 'generator', 'async generator', 'emit', 'iterable', 'async iterable'],
        ...['fan-in true', 'fan-in partial', 'fan-in false', 'pass', 'skip', 'throw', 'reject', 'never'],
        ...['many generator', 'many async generator', 'many array', 'queueSize 1', 'concurrency', 'keyBy'],
        ...['input', 'completion'],
      ].sort(),
    );
  });

  it('have all options in them that are asked for', () => {
    const all = { pools: true, timeouts: true, loops: true, overflows: ['drop-oldest'] } as const;
    const printed = fc.sample(graphs(all), { numRuns: 500, seed: 3 }).join('');

    const missing = [
      /retry with 3 attempts, flawed: (none|throw|reject|never)/,
      /fanOut clone/,
      /fanOut freeze/,
      /onError says dead-letter or skip/,
      /dead takes dead letters; queueSize 2; concurrency 3/,
      /the pool has 2 places/,
      /; in the pool/,
      /or never.*timeout 1000/,
      /back from \w up to 2 times/,
      /back from \w\/1 up to/,
      /\(drop-oldest\)/,
    ].filter((words) => !words.test(printed));
    expect(missing).toEqual([]);
  });

  it('shrink to the smallest graph, which is printed with its nodes, edges, options and behaviours', () => {
    const isFree = ({ nodes }: RandomGraph): boolean =>
      !nodes.some((node) => 'from' in node && 'concurrency' in node && Number(node.concurrency) > 2);
    for (let seed = 1; seed <= 10; seed++) {
      const { counterexample } = fc.check(fc.property(graphs(), isFree), { numRuns: 1000, seed });
      const [graph] = counterexample ?? [];

      expect(`${graph}`).toMatch(/^\n {2}A \(.*\): nothing\n {2}f <- A: pass; concurrency \d\n$/);
      expect(inspect(graph)).toBe(`${graph}`);
      expect(fc.stringify(graph)).toBe(`${graph}`);
    }
  });

  it('print every kind of node', () => {
    const printed = fc.sample(graphs(), { numRuns: 300, seed: 2 }).join('');

    const missing = [
      /A \(source, emit\): value/,
      /B \(inlet, async iterable\): (value|null)/,
      /<- \w\/\d, \w\/\d: .*; partial join/,
      /; merge; many \(array\) of [\d, ]+ values/,
      /queueSize 4/,
      /order completion/,
      /onError skip/,
      /takes 0, turn/,
      /keyBy with 2 keys/,
      /keys of graph in reverse order/,
    ].filter((words) => !words.test(printed));
    expect(missing).toEqual([]);
  });

  it('may have functions that never settle, if asked for', async () => {
    const [graph] = fc.sample(
      graphs({ outcomes: ['never'], roots: ['source'], mostItems: 3 }).filter(
        ({ nodes }) =>
          nodes.some((node) => 'does' in node && node.does.includes('never')) &&
          nodes.length === 2 &&
          nodes.some(
            ({ kind, ...node }) => kind === 'source' && 'items' in node && node.items.includes(true),
          ),
      ),
      { numRuns: 1, seed: 3 },
    );
    const pipeline = new Plumber(graph?.definition as never).createPipeline();

    const outcome = await rejectionOf(unlessIdle(pipeline.done, () => 0));
    expect(outcome).toMatchObject({ message: expect.stringContaining('nothing happens any more') });
    pipeline.abort();
    await pipeline.stop();
  });
});

describe('invalidGraphs()', () => {
  it('have the one fault they say, and it is found where they say', () => {
    fc.assert(
      fc.property(invalidGraphs(), ({ definition, code, path }) => {
        const problems = problemsOf(definition);

        expect(problems).toEqual([expect.objectContaining({ code, path })]);
      }),
      { numRuns: runs * 2 },
    );
  });

  it('have every fault that a definition can have, but those of options given beside it', () => {
    const codes = new Set(fc.sample(invalidGraphs(), 1000).map(({ code }) => code));

    expect([...codes].sort()).toEqual(
      [
        ...[
          'not-a-definition',
          'no-nodes',
          'bad-name',
          'unknown-node',
          'unknown-function',
          'unknown-schema',
          'unknown-option',
        ],
        ...['bad-option', 'option-not-applicable', 'not-a-node', 'not-an-edge', 'self-edge'],
        ...['duplicate-edge', 'cycle', 'bad-feedback', 'inlet-with-input', 'unpairable-lanes'],
        'batch-needs-within',
      ].sort(),
    );
  });

  it('print the fault', () => {
    const [first] = fc.sample(invalidGraphs(), { numRuns: 1, seed: 4 });

    expect(fc.stringify(first)).toContain(`${first?.code} at ${first?.path}`);
  });
});

function problemsOf(definition: unknown): GraphError['problems'] {
  try {
    new Plumber(definition as never);
  } catch (error) {
    if (error instanceof GraphError) return error.problems;
    throw error;
  }
  return [];
}
