import fc from 'fast-check';
import { type Definition, type NodeObject, Plumber, type StandardSchema } from 'sluice';
import { simulate } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { schemaOf } from '../support/schema.ts';
import { turn } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';
import { type Features, graphs, runs } from './arbitrary.ts';
import { createProbe, inputsOf, toDefinition } from './definition.ts';
import { at, type Graph, textOf } from './graph.ts';
import { interpret } from './interpreter.ts';
import { complete, type Running, run } from './run.ts';

/** What schemas do, by the text of the value. */
interface Plan {
  readonly inputs: readonly Verdict[];
  readonly outputs: readonly Verdict[];
}

interface Verdict {
  readonly fits: boolean;
  readonly isSlow: boolean;
}

const verdicts = (fits: fc.Arbitrary<boolean>): fc.Arbitrary<Verdict[]> =>
  fc.array(fc.record({ fits, isSlow: fc.boolean() }), { minLength: 1, maxLength: 5 });
const plansOf = (fits: fc.Arbitrary<boolean>): fc.Arbitrary<Plan> =>
  fc.record({ inputs: verdicts(fits), outputs: verdicts(fits) });
const accepting = plansOf(fc.constant(true));
const refusing = plansOf(fc.boolean());

const REFUSED = { issues: [{ message: 'refused' }] };

function verdictOn(value: unknown, list: readonly Verdict[]): Verdict {
  const sum = [...textOf(value)].reduce((total, char) => total + char.charCodeAt(0), 0);
  return at(list, sum);
}

function schemaFor(list: readonly Verdict[]): StandardSchema {
  return schemaOf((value) => {
    const { fits, isSlow } = verdictOn(value, list);
    const answer = fits ? { value } : REFUSED;
    return isSlow ? turn().then(() => answer) : answer;
  });
}

/** All nodes with schemas, of which those of roots refuse nothing. */
function withSchemas(definition: Definition, graph: Graph, { inputs, outputs }: Plan): Definition {
  const lenient = (list: readonly Verdict[]) => list.map(({ isSlow }) => ({ fits: true, isSlow }));
  return withNodes(definition, graph, (spec, kind) => {
    if (kind === 'inlet') return { ...spec, input: schemaFor(lenient(inputs)) };
    const run = spec.run ?? spec;
    if (kind === 'source') return { run, output: schemaFor(lenient(outputs)) };
    return { ...spec, onError: 'skip', input: schemaFor(inputs), output: schemaFor(outputs) };
  });
}

/** The same with functions that throw in place of being refused something. */
function withThrows(definition: Definition, graph: Graph, { inputs, outputs }: Plan): Definition {
  const check = (value: unknown, list: readonly Verdict[]): unknown => {
    if (value !== null && value !== undefined && !verdictOn(value, list).fits) throw new Error('refused');
    return value;
  };
  return withNodes(definition, graph, (spec, kind) => {
    if (kind !== 'transform') return spec;
    const inner = spec.run as (...args: unknown[]) => unknown;
    const one = async (input: unknown, context: unknown): Promise<unknown> =>
      check(await inner(check(input, inputs), context), outputs);
    const many = async function* (input: unknown, context: unknown): AsyncGenerator<unknown> {
      const items = (await inner(check(input, inputs), context)) as AsyncIterable<unknown>;
      for await (const item of items) yield check(item, outputs);
    };
    return { ...spec, onError: 'skip', run: spec.many === true ? many : one };
  });
}

function withNodes(
  definition: Definition,
  graph: Graph,
  change: (spec: NodeObject, kind: string) => unknown,
): Definition {
  const nodes = graph.nodes.map(({ name, kind }) => [
    name,
    change(definition.nodes[name] as NodeObject, kind),
  ]);
  return { ...definition, nodes: Object.fromEntries(nodes) };
}

function start(graph: Graph, change: (definition: Definition) => Definition): Running {
  const probe = createProbe();
  const plumber = new Plumber(change(toDefinition(graph, probe)));
  const pipeline = plumber.createPipeline({ inputs: inputsOf(graph, probe) });
  return { plumber, pipeline, probe, ...run(graph, pipeline, probe) };
}

const called: Features = { merges: true, completion: true, roots: ['push'], mostRoots: 1, mostItems: 0 };

describe('with schemas on every node', () => {
  it('that accept everything, at once or later, outputs are what they were (law 5)', async () => {
    await fc.assert(
      fc.asyncProperty(graphs({ nested: false, batches: false }), accepting, async (graph, plan) => {
        const running = start(graph, (definition) => withSchemas(definition, graph, plan));
        await complete(running);

        expect(running.outputs).toEqual(interpret(graph));
      }),
      { numRuns: runs },
    );
  });

  it('that refuse some values, outputs are those of functions that throw there, and every message is accounted for (law 1)', async () => {
    await fc.assert(
      fc.asyncProperty(graphs({ nested: false, batches: false }), refusing, async (graph, plan) => {
        const running = start(graph, (definition) => withSchemas(definition, graph, plan));
        const unbalanced: unknown[] = [];
        running.pipeline.on('error', ({ error }) => {
          if (error.code === 'PROCESSOR' && error.phase === 'input' && error.attempts !== 0)
            unbalanced.push(error);
        });
        const { nodes } = await complete(running);
        const throwing = start(graph, (definition) => withThrows(definition, graph, plan));
        await complete(throwing);

        expect(running.outputs).toEqual(throwing.outputs);
        expect(unbalanced).toEqual([]);
        for (const { received, processed, skipped, failed, discarded, inFlight } of Object.values(nodes)) {
          expect(inFlight).toBe(0);
          expect(received).toBe(processed + skipped + failed + discarded);
        }
      }),
      { numRuns: runs },
    );
  });

  it('every call settles, and nothing is unhandled (laws 6 and 8)', async () => {
    const unhandled = await unhandledDuring(() =>
      fc.assert(
        fc.asyncProperty(
          graphs({ ...called, nested: false, batches: false }),
          refusing,
          fc.array(fc.string({ minLength: 1 }), { maxLength: 5 }),
          async (graph, plan, values) => {
            const definition = withSchemas(toDefinition(graph), graph, plan);
            const name = graph.nodes.find(({ kind }) => kind === 'inlet')?.name;
            fc.pre(name !== undefined);
            const input = schemaFor(plan.inputs);
            const pipeline = new Plumber({
              ...definition,
              nodes: { ...definition.nodes, [name]: { inlet: true, input } },
            }).createPipeline();
            const calls = await Promise.allSettled(values.map((value) => pipeline.inlet(name).call(value)));

            expect(calls.map(({ status }) => status === 'fulfilled')).toEqual(
              values.map((value) => verdictOn(value, plan.inputs).fits),
            );
            const summary = await pipeline.stop();
            expect(summary.nodes[name]?.received).toBe(
              calls.filter(({ status }) => status === 'fulfilled').length,
            );
          },
        ),
        { numRuns: runs },
      ),
    );

    expect(unhandled).toEqual([]);
  });

  it('simulate says what a pipeline gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs({ nested: false, roots: ['source'], batches: false }),
        refusing,
        async (graph, plan) => {
          const running = start(graph, (definition) => withSchemas(definition, graph, plan));
          await complete(running);
          const again = start(graph, (definition) => withSchemas(definition, graph, plan)).plumber;

          expect(running.outputs).toEqual(await simulate(again));
        },
      ),
      { numRuns: runs },
    );
  });
});
