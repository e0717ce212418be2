import fc from 'fast-check';
import { createPipeline, type Definition, type ModuleFunction, type NodeSpec, Plumber } from 'sluice';
import { explore, simulate, withoutLeaks } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../support/rejection.ts';
import { turn } from '../support/turns.ts';
import { createWorkers, inModule } from '../support/workers.ts';
import { graphs, runs } from './arbitrary.ts';
import { createProbe, inputsOf, type Probe, toDefinition } from './definition.ts';
import type { Graph, TransformNode } from './graph.ts';
import { interpret } from './interpreter.ts';
import { run } from './run.ts';

const workers = createWorkers();
// A graph within another has the threads that it was made with.
const features = { batches: true, nested: false };
// Each of these graphs waits for threads.
const numRuns = Math.ceil(runs / 4);

/** Those whose answers can be sent: neither generators nor promises in an array. */
function canBeSent(node: Graph['nodes'][number]): node is TransformNode {
  return (
    node.kind === 'transform' &&
    (node.many === undefined || node.many.as === 'array') &&
    node.batch?.scatter !== true
  );
}

/** The same graph, in which those of its nodes that can be, and are picked, run in worker threads. */
function withWorkers(graph: Graph, picks: readonly boolean[], probe: Probe): Definition {
  const { nodes, ...rest } = toDefinition(graph, probe);
  const picked = graph.nodes.filter((node, place) => canBeSent(node) && picks[place % picks.length]);
  const sent = picked.map(({ name }) => {
    const node = graph.nodes.find((one) => one.name === name) as TransformNode;
    const spec = { ...(nodes[name] as object), run: inModule('respondTo'), runIn: 'worker', args: { node } };
    return [name, spec as NodeSpec];
  });
  return { ...rest, nodes: { ...nodes, ...Object.fromEntries(sent) } };
}

const ports = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'MessagePort').length;

const picks = fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }).map((some) => [...some, true]);

describe('nodes that run in worker threads', () => {
  it('give what a sequential interpreter does, in random graphs with any other option', async () => {
    let inWorkers = 0;
    await fc.assert(
      fc.asyncProperty(graphs(features), picks, async (graph, picks) => {
        const probe = createProbe();
        const plumber = new Plumber(withWorkers(graph, picks, probe), { workers });
        const pipeline = plumber.createPipeline({ inputs: inputsOf(graph, probe) });
        const { outputs, read } = run(graph, pipeline, probe);
        const { nodes } = await pipeline.done;
        await read;

        expect(outputs).toEqual(interpret(graph));
        inWorkers += Object.values(nodes).reduce((sum, { processed }) => sum + processed, 0);
        expect([workers.running, workers.waiting]).toEqual([0, 0]);
      }),
      { numRuns },
    );
    expect(inWorkers).toBeGreaterThan(0);
  });

  it('leave nothing behind when their pipeline is aborted, at whatever moment', async () => {
    await withoutLeaks(async () => {
      const before = ports();
      await fc.assert(
        fc.asyncProperty(graphs(features), picks, fc.nat(20), async (graph, picks, moment) => {
          const probe = createProbe();
          const plumber = new Plumber(withWorkers(graph, picks, probe), { workers });
          const pipeline = plumber.createPipeline({ inputs: inputsOf(graph, probe) });
          const { read, fed } = run(graph, pipeline, probe);
          let calls = 0;
          probe.onCall = () => {
            if (calls++ === moment) pipeline.abort();
          };
          const end = await pipeline.done.catch((error: unknown) => error);
          await Promise.all([read, fed]);

          expect(end).not.toHaveProperty('stragglers.0');
          expect([workers.running, workers.waiting]).toEqual([0, 0]);
        }),
        { numRuns },
      );
      // A thread that was being started for a call that is gone has to be there before it can be idle.
      while (ports() > before) await turn();
    });
  });

  it('keep the law of conservation when their threads die', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 20 }), async (numbers) => {
        const pipeline = createPipeline(
          {
            nodes: {
              n: function* () {
                yield* numbers;
              },
              x: { run: inModule('dieOn'), runIn: 'worker', onError: 'skip' },
            },
            graph: { n: ['x'] },
          },
          { workers },
        );
        const values: number[] = [];
        for await (const value of pipeline) values.push(value);
        const { nodes } = await pipeline.done;

        const lived = numbers.filter((n) => n % 5 !== 3);
        expect(values).toEqual(lived);
        expect(nodes.x).toMatchObject({ processed: lived.length, failed: numbers.length - lived.length });
      }),
      { numRuns: 5 },
    );
  });
});

describe('the kit', () => {
  const graph = (name: 'double' | 'fail') =>
    new Plumber(
      {
        nodes: {
          n: function* () {
            yield* [1, 2, 3];
          },
          x: { run: inModule(name) as ModuleFunction<(n: number) => unknown>, runIn: 'worker' },
        },
        graph: { n: ['x'] },
      },
      // None of them can start.
      { workers: { execArgv: ['--import', 'data:text/javascript,throw 1'] } },
    );

  it('runs their functions in its own thread: simulate', async () => {
    expect(await simulate(graph('double'))).toEqual({ x: [2, 4, 6] });
    expect(await rejectionOf(simulate(graph('fail')))).toMatchObject({ code: 'PROCESSOR', cause: 1 });
  });

  it('runs their functions in its own thread, under every schedule: explore', async () => {
    const tried = await explore(graph('double'), {}, ({ outputs }) => expect(outputs.x).toEqual([2, 4, 6]), {
      runs: 20,
    });

    expect(tried).toBe(20);
  });
});
