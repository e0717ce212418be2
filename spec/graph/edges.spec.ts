import { describe, expect, it } from 'vitest';
import { inlet } from '../../lib/graph/definition.ts';
import { f, faultsOf, messageOf, nodeOf, planOf } from './problems.ts';

const abc = { a: f, b: f, c: f };

describe('an edge', () => {
  it('may be a name or an object with a queue size of its own', () => {
    const { edges } = planOf({
      nodes: { ...abc, c: { run: f, queueSize: 7 } },
      graph: { a: ['b', 'c'], b: [{ to: 'c', queueSize: 3 }] },
    });

    expect(edges.map(({ from, to, capacity }) => [from, to, capacity])).toEqual([
      [0, 1, 16],
      [0, 2, 7],
      [1, 2, 3],
    ]);
  });

  it.for([[7], [null], [['b']], [{}], [{ to: 7 }], [{ queueSize: 2 }]])('may not be %j', ([edge]) => {
    expect(faultsOf({ nodes: abc, graph: { a: [edge] } })).toEqual(['not-an-edge graph.a[0]']);
  });

  it.for([[7], ['b'], [{ to: 'b' }], [true]])('stands in a list, not alone: %j', ([edges]) => {
    expect(faultsOf({ nodes: abc, graph: { a: edges } })).toEqual(['not-an-edge graph.a']);
  });

  it.for([0, -1, 1.5, '2', Number.POSITIVE_INFINITY])('may not have a queue of %j', (queueSize) => {
    expect(faultsOf({ nodes: abc, graph: { a: ['c', { to: 'b', queueSize }] } })).toEqual([
      'bad-option graph.a[1].queueSize',
    ]);
  });

  it.for(['feedbak', 'queuesize', 'constructor', '__proto__'])('may not have the option %s', (option) => {
    const definition = JSON.parse(`{ "graph": { "a": [{ "to": "b", "${option}": true }] } }`);

    expect(faultsOf({ nodes: abc, ...definition })).toEqual([`unknown-option graph.a[0].${option}`]);
  });

  it('has an overflow of its own, or that of the node it leads to', () => {
    const { edges } = planOf({
      nodes: { ...abc, c: { run: f, overflow: 'error' } },
      graph: { a: ['b', 'c'], b: [{ to: 'c', overflow: 'drop-oldest' }] },
    });

    expect(edges.map(({ overflow }) => overflow)).toEqual(['block', 'error', 'drop-oldest']);
  });

  it.for(['drop', true, null, f])('may not have an overflow of %j', (overflow) => {
    expect(faultsOf({ nodes: abc, graph: { a: [{ to: 'b', overflow }] } })).toEqual([
      'bad-option graph.a[0].overflow',
    ]);
  });

  it('may have a condition, a function or the name of one in the registry', () => {
    const isLarge = (n: number): boolean => n > 100;
    const isEven = (n: number): boolean => n % 2 === 0;
    const graph = {
      a: [
        { to: 'b', when: isEven },
        { to: 'c', when: 'isLarge' },
      ],
      b: ['c'],
    };

    const { edges } = planOf({ nodes: abc, graph }, { registry: { isLarge } });
    const answers = edges.map(({ when }) => when && [when(2 as never), when(101 as never)]);

    expect(answers).toEqual([[true, false], [false, true], undefined]);
  });

  it.for([7, true, null, {}])('may not have the condition %j', (when) => {
    expect(faultsOf({ nodes: abc, graph: { a: [{ to: 'b', when }] } })).toEqual([
      'bad-option graph.a[0].when',
    ]);
  });

  it('may not have a condition that the registry lacks', () => {
    const definition = { nodes: abc, graph: { a: [{ to: 'b', when: 'isLage' }] } };

    expect(faultsOf(definition, { registry: { isLarge: f } })).toEqual(['unknown-function graph.a[0].when']);
    expect(messageOf(definition, { registry: { isLarge: f } })).toContain('`isLarge`');
  });

  it('may not lead to or from a node that is not there', () => {
    expect(faultsOf({ nodes: abc, graph: { a: ['d', { to: 'e' }], g: ['b'], h: null } })).toEqual([
      'unknown-node graph.a[0]',
      'unknown-node graph.a[1]',
      'unknown-node graph.g',
      'unknown-node graph.h',
    ]);
  });

  it('may not lead to its own node, and one that does is no cycle', () => {
    expect(faultsOf({ nodes: abc, graph: { a: ['a', 'b'], b: [{ to: 'b' }] } })).toEqual([
      'self-edge graph.a[0]',
      'self-edge graph.b[0]',
    ]);
  });

  it('may not stand twice, however it is written', () => {
    expect(faultsOf({ nodes: abc, graph: { a: ['b', 'c', { to: 'b' }, 'c'] } })).toEqual([
      'duplicate-edge graph.a[2]',
      'duplicate-edge graph.a[3]',
    ]);
  });

  it('may not lead to an inlet, which is told who leads there', () => {
    const definition = { nodes: { ...abc, i: inlet() }, graph: { a: ['i'], b: ['i'] } };

    expect(faultsOf(definition)).toEqual(['inlet-with-input nodes.i']);
    expect(messageOf(definition)).toContain('`a`, `b`');
  });

  it('is told by the node it misses and the one that was meant', () => {
    const message = messageOf({ nodes: { word: f, reversed: f }, graph: { word: ['reversd'] } });

    expect(message).toContain('`reversd`');
    expect(message).toContain('`reversed`');
  });
});

describe('a cycle', () => {
  it('is told as its path, from the node that was written first', () => {
    const definition = {
      nodes: { s: f, a: f, b: f, c: f },
      graph: { s: ['c'], c: ['a'], a: ['b'], b: ['c'] },
    };

    expect(faultsOf(definition)).toEqual(['cycle graph.a']);
    expect(messageOf(definition)).toContain('a -> b -> c -> a');
  });

  it('does not hide another one', () => {
    const nodes = { a: f, b: f, c: f, d: f };

    expect(faultsOf({ nodes, graph: { a: ['b'], b: ['a'], c: ['d'], d: ['c'] } })).toEqual([
      'cycle graph.a',
      'cycle graph.c',
    ]);
  });

  it('does not blame what is behind it', () => {
    const nodes = { a: f, b: f, behind: f, join: f, free: f };

    expect(
      faultsOf({ nodes, graph: { a: ['b'], b: ['a', 'behind'], behind: ['join'], free: ['join'] } }),
    ).toEqual(['cycle graph.a']);
  });
});

describe('what a node is', () => {
  const definition = {
    nodes: {
      i: inlet(),
      s: f,
      one: f,
      all: f,
      some: { run: f, aggregateInputs: 'partial' },
      any: { run: f, aggregateInputs: false },
    },
    graph: { i: ['one', 'all', 'some', 'any'], s: ['all', 'some', 'any'] },
  };

  it.for([
    ['i', 'inlet', 'single'],
    ['s', 'source', 'single'],
    ['one', 'transform', 'single'],
    ['all', 'transform', 'join'],
    ['some', 'transform', 'partial-join'],
    ['any', 'transform', 'merge'],
  ] as const)('follows from its edges and options: %s is an %s with fan-in %s', ([name, kind, fanIn]) => {
    const node = nodeOf(name, definition);

    expect([node.kind, node.fanIn]).toEqual([kind, fanIn]);
  });

  it('has its inputs in the order of the keys of graph, not of nodes', () => {
    const plan = planOf({ nodes: { a: f, b: f, c: f, j: f }, graph: { c: ['j'], a: ['j'], b: ['j'] } });

    const from = plan.nodes[plan.places.get('j') as number]?.inputs.map(
      (edge) => plan.nodes[edge.from]?.name,
    );

    expect(from).toEqual(['c', 'a', 'b']);
  });

  it.for([[false], ['yes'], [null], [1]])('is an inlet by true alone, not by %j', ([value]) => {
    expect(faultsOf({ nodes: { i: { inlet: value } } })).toEqual(['bad-option nodes.i.inlet']);
  });

  it('is not both an inlet and a function', () => {
    expect(faultsOf({ nodes: { i: { inlet: true, run: f } } })).toEqual(['unknown-option nodes.i.run']);
  });

  it.for([[null], [7], [true], [[]], [undefined]])('is nothing when its node is %j', ([spec]) => {
    expect(faultsOf({ nodes: { x: spec } })).toEqual(['not-a-node nodes.x']);
  });

  it.for([[{}], [{ run: null }], [{ run: 7 }], [{ run: { run: f } }], [new Map()]])(
    'is nothing when its node has no function to run: %j',
    ([spec]) => {
      expect(faultsOf({ nodes: { x: spec } })).toEqual(['not-a-node nodes.x.run']);
    },
  );
});
