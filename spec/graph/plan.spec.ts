import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inlet } from '../../lib/graph/definition.ts';
import { describe as describePlan } from '../../lib/graph/describe.ts';
import type { GraphPlan } from '../../lib/graph/plan.ts';
import { acyclicDigraphs } from './digraphs.ts';
import { f, faultsOf, nodeOf, planOf } from './problems.ts';

const nameOf = (plan: GraphPlan, index: number): string => plan.nodes[index]?.name as string;

/** Edges as `a -> b`. */
function edgesOf(
  plan: GraphPlan,
  which: (edge: GraphPlan['edges'][number]) => boolean = () => true,
): string[] {
  return plan.edges.filter(which).map(({ from, to }) => `${nameOf(plan, from)} -> ${nameOf(plan, to)}`);
}

describe('the plan of a graph', () => {
  it('numbers nodes in topological order and has all their edges, whatever the graph', () => {
    fc.assert(
      fc.property(acyclicDigraphs(10), (graph) => {
        const names = graph.map((_, node) => `n${node}`);
        const definition = {
          nodes: Object.fromEntries(names.map((name) => [name, f])),
          graph: Object.fromEntries(
            graph.map((targets, node) => [`n${node}`, targets.map((to) => `n${to}`)]),
          ),
        };

        const plan = planOf(definition);

        const written = graph.flatMap((targets, from) => targets.map((to) => `n${from} -> n${to}`));
        expect(edgesOf(plan).toSorted()).toEqual(written.toSorted());
        for (const [index, edge] of plan.edges.entries()) {
          expect(edge.index).toBe(index);
          expect(edge.from).toBeLessThan(edge.to);
          expect(plan.nodes[edge.from]?.outputs).toContain(edge);
          expect(plan.nodes[edge.to]?.inputs).toContain(edge);
        }
        for (const [index, { name }] of plan.nodes.entries()) expect(plan.places.get(name)).toBe(index);
      }),
    );
  });

  it('cannot be changed, since any number of pipelines runs from it', () => {
    const plan = planOf({ nodes: { a: { run: f, args: { n: 1 } }, b: f }, graph: { a: ['b'] } });

    expect([plan, ...plan.nodes, ...plan.edges, plan.nodes[0]?.args].every(Object.isFrozen)).toBe(true);
  });

  it('knows its inlets, its sinks, and whether anything is to be set up', () => {
    const plan = planOf({ nodes: { a: inlet(), b: inlet(), c: f, d: f }, graph: { a: ['c'], b: ['d'] } });

    expect(plan.inlets.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(plan.sinkNames).toEqual(['c', 'd']);
    expect(plan.hasLife).toBe(false);
  });

  it.for(['setup', 'teardown'])('knows that a node has a %s', (option) => {
    expect(planOf({ nodes: { a: { run: f, [option]: f } } }).hasLife).toBe(true);
  });

  it('does not depend on the definition once it is made', () => {
    const args = { n: 1 };
    const definition = { nodes: { a: { run: f, args } } };

    const a = nodeOf('a', definition);
    args.n = 2;

    expect(a.args).toEqual({ n: 1 });
  });

  it('has edges carry holes where a join in the same lane needs to know of them, and nowhere else', () => {
    const many = { run: f, many: true };
    const plan = planOf({
      nodes: { s: f, a: f, b: f, j: f, c: f, x: many, t: f, k: { run: f, aggregateInputs: 'partial' } },
      graph: { s: ['a', 'j'], a: ['b'], b: ['j'], j: ['c'], c: ['x'], x: ['k'], t: ['k'] },
    });

    const carrying = edgesOf(plan, ({ carriesHoles }) => carriesHoles);

    expect(carrying.toSorted()).toEqual(['a -> b', 'b -> j', 's -> a', 's -> j', 't -> k', 'x -> k']);
  });
});

describe('the description of a graph', () => {
  const many = { run: f, many: true };
  const definition = {
    nodes: { pair: f, word: inlet(), upper: { run: f, concurrency: 3, queueSize: 2 }, letters: many, sum: f },
    graph: { word: ['upper', 'pair'], upper: [{ to: 'pair', queueSize: 5 }, 'letters'], letters: ['sum'] },
  };

  it('is plain JSON that says what each node is and where its edges lead', () => {
    const description = describePlan(planOf(definition));

    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    expect(description.order).toEqual(['word', 'upper', 'pair', 'letters', 'sum']);
    expect(description.nodes[1]).toEqual({
      name: 'upper',
      kind: 'transform',
      fanIn: 'single',
      concurrency: 3,
      outputs: [
        { to: 'pair', queueSize: 5 },
        { to: 'letters', queueSize: 16 },
      ],
    });
  });

  it('names for each node the one that numbers its rows', () => {
    const { lanes } = describePlan(planOf(definition));

    expect(lanes).toEqual({ word: 'word', upper: 'word', pair: 'word', letters: 'letters', sum: 'letters' });
  });

  it('gives lanes that a join makes one the same name', () => {
    const { lanes } = describePlan(planOf({ nodes: { a: f, b: f, j: f }, graph: { a: ['j'], b: ['j'] } }));

    expect(new Set(Object.values(lanes)).size).toBe(1);
  });

  it('bounds the messages in memory by the queues, and by what each node has in hand', () => {
    const { maxMessages } = describePlan(planOf(definition));

    const queues = 2 + 16 + 5 + 16 + 16;
    const hands = { word: 1, upper: 3 * 2, pair: 1 * 3, letters: 2, sum: 2 };
    expect(maxMessages).toBe(queues + Object.values(hands).reduce((sum, held) => sum + held));
  });
});

describe('checking a large graph', () => {
  it('needs no deep stack for 10 000 nodes in a row', () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `n${i}`);
    const nodes = Object.fromEntries(names.map((name) => [name, f]));
    const graph = Object.fromEntries(names.slice(1).map((name, i) => [`n${i}`, [name]]));

    const description = describePlan(planOf({ nodes, graph }));

    expect(description.order).toHaveLength(10_000);
    expect(new Set(Object.values(description.lanes))).toEqual(new Set(['n0']));
  });

  it('joins a thousand branches of one source, and as many sources', () => {
    const names = Array.from({ length: 1000 }, (_, i) => `n${i}`);
    const nodes = Object.fromEntries(['s', ...names, 'j'].map((name) => [name, f]));
    const branches = Object.fromEntries(names.map((name) => [name, ['j']]));

    expect(faultsOf({ nodes, graph: { s: names, ...branches } })).toEqual([]);
    expect(faultsOf({ nodes: { ...nodes, s: f }, graph: branches })).toEqual([]);
  });

  it('looks for conflicts through 1000 joins of lanes in a row', () => {
    const steps = Array.from({ length: 1000 }, (_, i) => i);
    const nodes = Object.fromEntries(
      steps.flatMap((i) => [
        [`x${i}`, { run: f, many: true }],
        [`t${i}`, f],
        [`j${i}`, f],
      ]),
    );
    const graph = Object.fromEntries(
      steps.flatMap((i) => [
        [`x${i}`, [`j${i}`]],
        [`t${i}`, [`j${i}`]],
        [`j${i}`, i < 999 ? [`x${i + 1}`] : []],
      ]),
    );

    const names = Object.values(
      describePlan(planOf({ nodes: { s: f, ...nodes }, graph: { s: ['x0'], ...graph } })).lanes,
    );

    expect(new Set(names).size).toBe(1001);
  });
});
