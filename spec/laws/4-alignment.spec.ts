import fc from 'fast-check';
import { createPipeline, type Definition } from 'sluice';
import { describe, expect, it } from 'vitest';
import { unlessIdle } from '../support/watchdog.ts';
import { dropping, graphs, runs } from './arbitrary.ts';
import type { Text } from './graph.ts';
import { complete, start } from './run.ts';

const capacities = [1, 2, 3, 4, 16];
const { overflows = [] } = dropping;

describe('law 4, alignment', () => {
  it('pairs row n with row n of every lane, whatever was skipped, failed, dropped or sent another way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(graphs({ many: false }), graphs({ many: false, overflows })),
        async (graph) => {
          const running = start(graph);
          await complete(running);

          for (const text of Object.values(running.outputs).flat()) {
            const rows = new Set([...text.matchAll(/[ABC](\d+)/g)].map(([, row]) => row));
            expect({ text, rows: rows.size }).toEqual({ text, rows: 1 });
          }
        },
      ),
      { numRuns: runs },
    );
  });

  it('never has two different values of one node in a row, by whichever ways they came to the join', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(graphs(), graphs({ overflows })), async (graph) => {
        const running = start(graph);
        await complete(running);

        for (const text of Object.values(running.outputs).flat()) {
          for (const { name } of graph.nodes) {
            const values = [...new Set(valuesOf(name, text))];
            expect({ text, values: values.slice(0, 1) }).toEqual({ text, values });
          }
        }
      }),
      { numRuns: runs },
    );
  });

  describe('of two sources that meet in two joins, one of them behind a filter that keeps one in ten', () => {
    it.each([1, 16])(
      'finishes, and pairs as if nothing had been filtered, with queues of %i',
      async (queueSize) => {
        const rows = 1000;
        const kept = range(rows).filter((n) => n % 10 === 0);

        const outputs = await collect({
          nodes: {
            A: () => range(rows),
            B: () => range(rows),
            f: (n: number) => (n % 10 === 0 ? n : null),
            j1: pair,
            j2: pair,
          },
          graph: { A: ['f', 'j2'], B: ['j1', 'j2'], f: ['j1'] },
          defaults: { queueSize },
        });

        expect(outputs).toEqual({
          j1: kept.map((n) => ({ f: n, B: n })),
          j2: range(rows).map((n) => ({ A: n, B: n })),
        });
      },
    );

    it('finishes when the sources are of unequal length, and what is left over is counted as unpaired', async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(40), fc.nat(40), fc.constantFrom(...capacities), async (a, b, queueSize) => {
          const { outputs, summary } = await collectAll({
            nodes: {
              A: () => range(a),
              B: () => range(b),
              f: (n: number) => (n % 10 === 0 ? n : null),
              j1: pair,
              j2: pair,
            },
            graph: { A: ['f', 'j2'], B: ['j1', 'j2'], f: ['j1'] },
            defaults: { queueSize },
          });
          const rows = Math.min(a, b);

          expect(outputs.j2).toEqual(range(rows).map((n) => ({ A: n, B: n })));
          expect(outputs.j1).toHaveLength(Math.ceil(rows / 10));
          expect(summary.edges.filter((edge) => edge.accepted !== edge.taken + edge.unpaired)).toEqual([]);
        }),
        { numRuns: runs },
      );
    });
  });

  it('pairs independent sources of unequal length up to the end of the shortest, through nested joins', async () => {
    const lengths = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30));
    await fc.assert(
      fc.asyncProperty(lengths, fc.constantFrom(...capacities), async ([a, b, c], queueSize) => {
        const outputs = await collect({
          nodes: {
            A: () => range(a),
            B: () => range(b),
            C: () => range(c),
            ab: pair,
            bc: pair,
            all: pair,
            B2: (n: number) => n,
          },
          graph: { A: ['ab'], B: ['ab', 'bc', 'B2'], C: ['bc'], ab: ['all'], bc: ['all'], B2: null },
          defaults: { queueSize },
        });

        const rows = range(Math.min(a, b, c));
        expect(outputs).toEqual({
          all: rows.map((n) => ({ ab: { A: n, B: n }, bc: { B: n, C: n } })),
          B2: range(b),
        });
      }),
      { numRuns: runs },
    );
  });

  describe('of three diamonds in a row', () => {
    it.each([
      ['skipped', 1],
      ['skipped', 16],
      ['failed', 1],
      ['failed', 16],
    ] as const)(
      'leaves out of the last join what one branch %s, and nothing else, with queues of %i',
      async (how, queueSize) => {
        const rows = 2000;
        const lose = (): null => {
          if (how === 'failed') throw new Error('not this one');
          return null;
        };
        const keepUnless = (divisor: number) => (row: object) =>
          numberIn(row) % divisor === 0 ? lose() : row;
        const whole = (row: object): object => row;

        const outputs = await collect({
          nodes: {
            A: () => range(rows).map((n) => ({ n })),
            ...{ l1: { run: keepUnless(2), onError: 'skip' }, r1: whole, j1: merged },
            ...{ l2: whole, r2: { run: keepUnless(3), onError: 'skip' }, j2: merged },
            ...{
              l3: { run: keepUnless(5), onError: 'skip', concurrency: 3 },
              r3: async (row: object) => row,
              j3: merged,
            },
          },
          graph: {
            ...{ A: ['l1', 'r1'], l1: ['j1'], r1: ['j1'], j1: ['l2', 'r2'], l2: ['j2'], r2: ['j2'] },
            ...{ j2: ['l3', 'r3'], l3: ['j3'], r3: ['j3'], j3: null },
          },
          defaults: { queueSize },
        });

        const whatIsLeft = range(rows).filter((n) => n % 2 !== 0 && n % 3 !== 0 && n % 5 !== 0);
        expect(outputs).toEqual({ j3: whatIsLeft.map((n) => ({ n })) });
      },
    );
  });

  it("leaves the key of a hole out of a 'partial' row, and skips the row only if all its branches are holes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.constantFrom(...capacities), async (rows, queueSize) => {
        const outputs = await collect({
          nodes: {
            A: () => range(rows),
            even: (n: number) => (n % 2 === 0 ? n : null),
            third: (n: number) => (n % 3 === 0 ? n : undefined),
            join: { run: pair, aggregateInputs: 'partial' },
          },
          graph: { A: ['even', 'third'], even: ['join'], third: ['join'] },
          defaults: { queueSize },
        });

        const kept = range(rows).filter((n) => n % 2 === 0 || n % 3 === 0);
        expect(outputs).toEqual({
          join: kept.map((n) => ({ ...(n % 2 === 0 && { even: n }), ...(n % 3 === 0 && { third: n }) })),
        });
      }),
      { numRuns: runs },
    );
  });

  it('makes no row of a null item of a source, which shifts no pair', async () => {
    const outputs = await collect({
      nodes: { A: () => [0, null, 1, undefined, 2], B: () => [null, 0, 1, 2, null], join: pair },
      graph: { A: ['join'], B: ['join'] },
    });

    expect(outputs).toEqual({ join: range(3).map((n) => ({ A: n, B: n })) });
  });

  it('closes a source whose every reader is gone, and goes on with one that is still read elsewhere', async () => {
    let asked = 0;
    const endless = function* () {
      for (;;) yield asked++;
    };

    const { outputs, summary } = await collectAll({
      nodes: {
        A: () => range(3),
        B: endless,
        C: () => range(9),
        ab: pair,
        ac: pair,
        onlyC: (n: number) => n,
      },
      graph: { A: ['ab', 'ac'], B: ['ab'], C: ['ac', 'onlyC'] },
      defaults: { queueSize: 2 },
    });

    expect(outputs).toMatchObject({ ab: { length: 3 }, ac: { length: 3 }, onlyC: { length: 9 } });
    expect(asked).toBeLessThan(10);
    expect(summary.left).toBe(0);
  });
});

const range = (count: number): number[] => [...Array(count).keys()];
const pair = (row: object): object => row;
const numberIn = (row: object): number => (row as { n: number }).n;

/** Both branches of a diamond carry the same number, or the join has mis-paired. */
function merged(row: Readonly<Record<string, { n: number }>>): { n: number } {
  const [one, other] = Object.values(row);
  if (one?.n !== other?.n) throw new Error(`paired ${one?.n} with ${other?.n}`);
  return { n: one?.n ?? -1 };
}

/** All that a node contributed to a text: `A3`, `f(...)`, or `f(...)#2` if it sends many. */
function valuesOf(name: string, text: Text): Text[] {
  return [...text.matchAll(new RegExp(`${name}(\\d+|\\()`, 'g'))].map(({ index, 0: start }) => {
    if (!start.endsWith('(')) return start;
    let end = index + start.length;
    for (let depth = 1; depth > 0; end++) depth += text[end] === '(' ? 1 : text[end] === ')' ? -1 : 0;
    return text.slice(index, end) + (/^#\d+/.exec(text.slice(end))?.[0] ?? '');
  });
}

type Outputs = Record<string, unknown[]>;

async function collect(definition: Definition): Promise<Outputs> {
  return (await collectAll(definition)).outputs;
}

/** Runs a graph to its end and reads all its sinks. */
async function collectAll(definition: Definition) {
  const pipeline = createPipeline(definition);
  const outputs: Outputs = {};
  let steps = 0;
  const sinks = Object.keys(definition.nodes).filter((name) => (definition.graph[name] ?? []).length === 0);
  const reading = sinks.map(async (name) => {
    const values: unknown[] = [];
    outputs[name] = values;
    for await (const value of pipeline.outputs(name)) steps = values.push(value) + steps;
  });
  const end = Promise.all([pipeline.done, ...reading]);
  const [summary] = await unlessIdle(
    end,
    () => steps,
    () => pipeline.metrics(),
  );
  return { outputs, summary };
}
