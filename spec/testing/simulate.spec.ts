import fc from 'fast-check';
import { type DeadLetter, inlet, Plumber, type SourceContext } from 'sluice';
import { simulate } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { graphs, runs } from '../laws/arbitrary.ts';
import { createProbe, inputsOf, toDefinition } from '../laws/definition.ts';
import { itemsOf } from '../laws/graph.ts';
import { interpret } from '../laws/interpreter.ts';
import { complete, start } from '../laws/run.ts';
import { rejectionOf } from '../support/rejection.ts';
import { schemaOf } from '../support/schema.ts';

describe('simulate', () => {
  it('refuses inputs for an inlet that there is not', async () => {
    const plumber = new Plumber({ nodes: { n: inlet<number>(), f: (n: number) => n }, graph: { n: ['f'] } });

    expect(await rejectionOf(simulate(plumber, { m: [1] } as object))).toMatchObject({
      problems: [{ code: 'unknown-inlet', path: 'inputs.m' }],
    });
  });

  it('agrees with the interpreter of the laws, which knows graphs in other words', async () => {
    await fc.assert(
      fc.asyncProperty(graphs({ merges: true, completion: true }), async (graph) => {
        const plumber = new Plumber(toDefinition(graph));
        const pushed = graph.nodes.flatMap((node) =>
          node.kind === 'inlet' && node.feed === 'push' ? [[node.name, itemsOf(node)] as const] : [],
        );

        const outputs = await simulate(plumber, {
          ...inputsOf(graph, createProbe()),
          ...Object.fromEntries(pushed),
        });

        expect(outputs).toEqual(interpret(graph));
      }),
      { numRuns: runs },
    );
  });

  it('sends dead letters to the node that takes them', async () => {
    const plumber = new Plumber({
      nodes: {
        n: inlet<number>(),
        even: {
          run: (n: number) => {
            if (n % 2 === 1) throw new Error('odd');
            return n;
          },
          onError: (_, { payload }) => (payload === 3 ? 'skip' : 'dead-letter'),
        },
        dead: ({ input, node }: DeadLetter) => `${node} ${input}`,
      },
      graph: { n: ['even'] },
      deadLetter: 'dead',
    });

    expect(await simulate(plumber, { n: [1, 2, 3, 4] })).toEqual({ even: [2, 4], dead: ['even 1'] });
  });

  it('agrees with pipelines, law 5, without merges and order of completion', async () => {
    await fc.assert(
      fc.asyncProperty(graphs({ roots: ['source'] }), async (graph) => {
        const running = start(graph);
        await complete(running);

        expect(running.outputs).toEqual(await simulate(running.plumber));
      }),
      { numRuns: runs },
    );
  });

  it('gives functions what a pipeline gives them, and pairs setups and teardowns in reverse order', async () => {
    const seen: string[] = [];
    const node = (name: string) => ({
      setup: () => {
        seen.push(`set up ${name}`);
        return name;
      },
      teardown: ({ state }: { state: unknown }) => void seen.push(`tear down ${state}`),
      run: (
        n: number,
        {
          args,
          env,
          state,
          node,
          message,
          signal,
          log,
        }: SourceContext & { message: { roots: readonly string[]; parents: readonly string[] } },
      ) => {
        seen.push(`${node} ${state} ${JSON.stringify(args)} ${env} ${message.roots} ${message.parents}`);
        return signal.aborted || log !== console ? null : n + 1;
      },
      args: { a: 1 },
    });
    const plumber = new Plumber({
      nodes: {
        numbers: async ({ emit }: SourceContext<number>) => {
          await emit(1);
        },
        f: node('f'),
        g: node('g'),
      },
      graph: { numbers: ['f'], f: ['g'] },
    } as never);

    expect(await simulate(plumber, {}, { env: 'env' })).toEqual({ g: [3] });
    expect(seen).toEqual([
      'set up f',
      'set up g',
      'f f {"a":1} env numbers#0 ',
      'g g {"a":1} env numbers#0 numbers#0',
      'tear down g',
      'tear down f',
    ]);
  });

  it('rejects with the failure that nothing absorbs, after the teardowns', async () => {
    let tornDown = 0;
    const plumber = new Plumber({
      nodes: {
        n: inlet<number>(),
        f: {
          run: (n: number) => {
            if (n === 2) throw new Error('two');
            return n;
          },
          teardown: () => void tornDown++,
        },
      },
      graph: { n: ['f'] },
    });

    expect(await rejectionOf(simulate(plumber, { n: [1, 2, 3] }))).toMatchObject({
      code: 'PROCESSOR',
      node: 'f',
      input: { payload: 2 },
    });
    expect(tornDown).toBe(1);
  });

  it('has a failing keyBy skip its row, as a pipeline does', async () => {
    const keyBy = (n: number): number => {
      if (n === 2) throw new Error('no key');
      return n;
    };
    const plumber = new Plumber({
      nodes: { n: inlet<number>(), f: { run: (n: number) => n, keyBy, onError: 'skip' } },
      graph: { n: ['f'] },
    });

    expect(await simulate(plumber, { n: [1, 2, 3] })).toEqual({ f: [1, 3] });
  });

  it('asks schemas, also those of sources that emit and of inlets', async () => {
    const even = schemaOf(async (n) =>
      Number(n) % 2 === 0 ? { value: n } : { issues: [{ message: 'odd' }] },
    );
    const caught: unknown[] = [];
    const plumber = (isCaught: boolean) =>
      new Plumber({
        nodes: {
          n: inlet({ input: even }),
          s: {
            run: async ({ emit }: SourceContext) => {
              for (const n of [2, 3, 4]) {
                await emit(n).catch((error) => {
                  caught.push(error.code);
                  if (!isCaught) throw error;
                });
              }
            },
            output: even,
          },
        },
        graph: {},
      });

    expect(await simulate(plumber(true), { n: [6, 8] })).toEqual({ n: [6, 8], s: [2, 4] });
    expect(caught).toEqual(['VALIDATION']);
    const failures = [simulate(plumber(true), { n: [7] }), simulate(plumber(false))];
    expect(await Promise.all(failures.map(rejectionOf))).toMatchObject([
      { node: 'n', phase: 'input', cause: { code: 'VALIDATION' } },
      { node: 's', phase: 'output', cause: { code: 'VALIDATION' } },
    ]);
  });

  it('tries again what failed, as often and as long as retry says', async () => {
    const calls: string[] = [];
    const flaky =
      (name: string, most: number) =>
      (n: number): number => {
        calls.push(`${name} ${n}`);
        if (calls.filter((call) => call === `${name} ${n}`).length < most) throw new Error(`${name} ${n}`);
        return n;
      };
    const plumber = new Plumber({
      nodes: {
        n: inlet<number>(),
        twice: { run: flaky('twice', 2), retry: { attempts: 2, if: (_, attempts) => attempts === 1 } },
        given: {
          *run(n: number) {
            yield n;
            flaky('given', 2)(n);
          },
          retry: { attempts: 3 },
          onError: 'skip',
        },
        never: { run: flaky('never', 9), retry: { attempts: 3 }, onError: 'dead-letter' },
        dead: ({ node, attempts }: DeadLetter) => `${node} ${attempts}`,
      },
      graph: { n: ['twice', 'given', 'never'] },
      deadLetter: 'dead',
    });

    expect(await simulate(plumber, { n: [1] })).toEqual({
      ...{ twice: [1], given: [1], never: [], dead: ['never 3'] },
    });
    expect(calls).toEqual(['twice 1', 'twice 1', 'given 1', 'never 1', 'never 1', 'never 1']);
  });

  it.each(['clone', 'freeze', 'share'] as const)(
    'gives several successors what fanOut says: %s',
    async (fanOut) => {
      const change = (list: number[]): string => {
        if (!Object.isFrozen(list)) list.push(0);
        return list.join('');
      };
      const plumber = new Plumber({
        nodes: { n: inlet<number>(), list: { run: (n: number) => [n], fanOut }, a: change, b: change },
        graph: { n: ['list'], list: ['a', 'b'] },
      });
      const pipeline = plumber.createPipeline();

      const simulated = await simulate(plumber, { n: [1] });
      expect(simulated).toEqual(await pipeline.call(1));
      expect(simulated.b).toEqual([{ clone: '10', freeze: '1', share: '100' }[fanOut]]);
      await pipeline.stop();
    },
  );

  it('refuses to say what is dropped', async () => {
    const plumber = new Plumber({
      nodes: { n: inlet<number>(), f: (n: number) => n },
      graph: { n: [{ to: 'f', overflow: 'drop-oldest' }] },
    });

    expect(await rejectionOf(simulate(plumber, { n: [1] }))).toMatchObject({
      message: expect.stringContaining("overflow: 'drop-oldest' drops on the edge n -> f"),
    });
  });

  it('refuses feedback edges', async () => {
    const plumber = new Plumber({
      nodes: {
        n: inlet<number>(),
        f: { run: (n: number) => n, aggregateInputs: false },
        g: (n: number) => (n > 0 ? n - 1 : null),
      },
      graph: { n: ['f'], f: ['g'], g: [{ to: 'f', feedback: true }] },
    });

    expect(await rejectionOf(simulate(plumber, { n: [1] }))).toMatchObject({
      message: expect.stringContaining('feedback edge g -> f'),
    });
  });

  it('refuses what is no Plumber, and many from what is no iterable', async () => {
    expect(await rejectionOf(simulate({} as Plumber))).toBeInstanceOf(TypeError);
    for (const many of [true, false]) {
      const wrong = {
        run: (n: number) =>
          many
            ? n
            : (function* () {
                yield n;
              })(),
        many,
      };
      const plumber = new Plumber({ nodes: { n: inlet<number>(), wrong }, graph: { n: ['wrong'] } } as never);
      expect(await rejectionOf(simulate(plumber, { n: [1] }))).toMatchObject({ code: 'PROCESSOR' });
    }
  });
});
