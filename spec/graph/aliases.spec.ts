import { describe, expect, it } from 'vitest';
import { f, faultsOf, nodeOf, planOf } from './problems.ts';

const registry = { read: f, reverse: f, show: f };

/** A document of the ancestor, as it was written for Python. */
const ancestor = (): { nodes: Record<string, Record<string, unknown>>; graph: object } =>
  JSON.parse(`{
    "nodes": {
      "inp": { "coro": "read", "args": { "path": "words.txt", "queue_size": 5 } },
      "rev": { "coro": "reverse", "args": { "queue_size": 2 } },
      "out": { "coro": "show", "args": { "prefix": ">" }, "properties": { "aggregate_inputs": true } }
    },
    "graph": { "inp": ["rev", "out"], "rev": ["out"], "out": null }
  }`);

describe('a definition of the ancestor', () => {
  it('loads as it is, with its names for three options', () => {
    const plan = planOf(ancestor(), { registry });

    expect(
      plan.nodes.map(({ name, kind, fanIn, queueSize, args }) => ({ name, kind, fanIn, queueSize, args })),
    ).toEqual([
      { name: 'inp', kind: 'source', fanIn: 'single', queueSize: 16, args: { path: 'words.txt' } },
      { name: 'rev', kind: 'transform', fanIn: 'single', queueSize: 2, args: {} },
      { name: 'out', kind: 'transform', fanIn: 'join', queueSize: 16, args: { prefix: '>' } },
    ]);
  });

  it('may say that inputs are not aggregated', () => {
    const definition = ancestor();
    definition.nodes.out = { coro: 'show', properties: { aggregate_inputs: false } };

    expect(nodeOf('out', definition, { registry }).fanIn).toBe('merge');
  });

  it('may have functions in place of names', () => {
    expect(faultsOf({ nodes: { a: { coro: f, args: {}, properties: {} } } })).toEqual([]);
  });

  it('has its mistakes told where it made them', () => {
    const definition = ancestor();
    definition.nodes.inp = { coro: 'raed' };
    definition.nodes.rev = { coro: 'reverse', args: { queue_size: 0 } };
    definition.nodes.out = { coro: 'show', properties: { aggregate_inputs: 'some', replicas: 2 } };

    expect(faultsOf(definition, { registry })).toEqual([
      'unknown-function nodes.inp.coro',
      'bad-option nodes.rev.args.queue_size',
      'unknown-option nodes.out.properties.replicas',
      'bad-option nodes.out.properties.aggregate_inputs',
    ]);
  });

  it.for([
    [{ coro: f, properties: 7 }, 'unknown-option nodes.a.properties'],
    [{ coro: f, args: [1] }, 'bad-option nodes.a.args'],
    [{ coro: f, retries: 1 }, 'unknown-option nodes.a.retries'],
    [{ coro: 7 }, 'not-a-node nodes.a.coro'],
  ] as const)('is read as strictly as any other: %j', ([spec, fault]) => {
    expect(faultsOf({ nodes: { a: spec } })).toEqual([fault]);
  });

  it.for([
    { coro: f, run: f },
    { coro: f, queueSize: 2, args: { queue_size: 3 } },
    { coro: f, aggregateInputs: true, properties: { aggregate_inputs: false } },
  ])('may not say the same thing twice in two ways: %o', (x) => {
    const faults = faultsOf({ nodes: { a: f, x }, graph: { a: ['x'] } });

    expect(faults).toEqual([expect.stringMatching(/ nodes\.x\./)]);
  });

  it('may use the options of this library beside its own', () => {
    const definition = ancestor();
    definition.nodes.rev = { coro: 'reverse', concurrency: 8, order: 'completion' };
    definition.nodes.out = { coro: 'show', aggregateInputs: false };

    expect(nodeOf('rev', definition, { registry }).concurrency).toBe(8);
    expect(nodeOf('out', definition, { registry }).fanIn).toBe('merge');
  });

  it('is wired by name, in whatever order nodes and graph are listed', () => {
    const { nodes, graph } = ancestor();

    const plan = planOf({ nodes: Object.fromEntries(Object.entries(nodes).reverse()), graph }, { registry });

    const edges = plan.edges.map(({ from, to }) => `${plan.nodes[from]?.name} -> ${plan.nodes[to]?.name}`);
    expect(edges).toEqual(['inp -> rev', 'inp -> out', 'rev -> out']);
  });
});

describe('the names of the ancestor', () => {
  it('hold only for a node written with coro', () => {
    const spec = { run: f, properties: { aggregate_inputs: false } };

    expect(faultsOf({ nodes: { a: spec } })).toEqual(['unknown-option nodes.a.properties']);
  });

  it('leave queue_size alone among the args of any other node', () => {
    const x = nodeOf('x', { nodes: { a: f, x: { run: f, args: { queue_size: 2 } } }, graph: { a: ['x'] } });

    expect([x.queueSize, x.args]).toEqual([16, { queue_size: 2 }]);
  });
});
