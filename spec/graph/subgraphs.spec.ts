import { describe, expect, it } from 'vitest';
import { inlet } from '../../lib/graph/definition.ts';
import { describe as describePlan } from '../../lib/graph/describe.ts';
import { GRAPH } from '../../lib/graph/subgraph.ts';
import { f, faultsOf, messageOf, nodeOf, planOf } from './problems.ts';

/** What stands for a checked graph: all that is known of a Plumber here. */
const graphOf = (definition: unknown): object => ({ [GRAPH]: planOf(definition) });

const pair = graphOf({
  nodes: { word: inlet(), reverse: f, pair: { run: f, queueSize: 3 } },
  graph: { word: ['reverse', 'pair'], reverse: ['pair'] },
});

describe('a graph as a node', () => {
  it('stands in the plan with its nodes, whose names begin with its own', () => {
    const { order, nodes } = describePlan(
      planOf({ nodes: { a: f, sub: pair, b: f }, graph: { a: ['sub'], sub: ['b'] } }),
    );

    expect(order).toEqual(['a', 'sub.word', 'sub.reverse', 'sub.pair', 'b']);
    expect(nodes.map(({ name, kind, outputs }) => [name, kind, outputs.map(({ to }) => to)])).toEqual([
      ['a', 'source', ['sub.word']],
      ['sub.word', 'transform', ['sub.reverse', 'sub.pair']],
      ['sub.reverse', 'transform', ['sub.pair']],
      ['sub.pair', 'transform', ['b']],
      ['b', 'transform', []],
    ]);
  });

  it.for([
    ['a node', { sub: pair }],
    ['what a node runs', { sub: { run: pair } }],
    ['what a registry name stands for', { sub: 'words.pair' }],
    ['what a registry name under run stands for', { sub: { run: 'words.pair' } }],
    ['what a registry name under coro stands for', { sub: { coro: 'words.pair' } }],
  ] as const)('may be %s', ([, nodes]) => {
    const plan = planOf(
      { nodes: { a: f, ...nodes }, graph: { a: ['sub'] } },
      { registry: { 'words.pair': pair as never } },
    );

    expect(plan.nodes.map(({ name }) => name)).toEqual(['a', 'sub.word', 'sub.reverse', 'sub.pair']);
  });

  it('is known by its own name to those it sends to, and as a sink', () => {
    const deep = graphOf({ nodes: { in: inlet(), pair }, graph: { in: ['pair'] } });
    const definition = {
      nodes: { a: inlet(), deep, b: f, j: f },
      graph: { a: ['deep', 'b'], deep: ['j'], b: ['j'] },
    };

    expect(nodeOf('j', definition).keys).toEqual(['deep', 'b']);
    expect(nodeOf('deep.pair.pair', definition).keys).toEqual(['word', 'reverse']);
    const plan = planOf({ nodes: { a: inlet(), deep }, graph: { a: ['deep'] } });
    expect(plan.sinkNames).toEqual(['deep']);
    expect(plan.nodes[plan.places.get('deep') as number]?.name).toBe('deep.pair.pair');
    expect(plan.inlets.map(({ name }) => name)).toEqual(['a']);
  });

  it('takes queueSize for the queues that lead to it and, as a sink, for those of its readers; its own nodes keep theirs', () => {
    const definition = {
      nodes: { a: f, b: f, sub: { run: pair, queueSize: 7, aggregateInputs: 'partial' } },
      graph: { a: ['sub'], b: [{ to: 'sub', queueSize: 2 }] },
    };

    expect(nodeOf('sub.word', definition)).toMatchObject({
      fanIn: 'partial-join',
      inputs: [{ capacity: 7 }, { capacity: 2 }],
    });
    expect(nodeOf('sub.pair', definition)).toMatchObject({
      readerQueueSize: 7,
      queueSize: 3,
      inputs: [{ capacity: 3 }, { capacity: 3 }],
    });
  });

  it('keeps the window of a sink with keyBy, at any depth, whatever its readers get', () => {
    const keyed = graphOf({
      nodes: { in: inlet(), k: { run: f, keyBy: f, queueSize: 50 } },
      graph: { in: ['k'] },
    });
    const deep = graphOf({
      nodes: { in: inlet(), keyed: { run: keyed, queueSize: 3 } },
      graph: { in: ['keyed'] },
    });
    const definition = {
      nodes: { a: f, deep: { run: deep, queueSize: 2 }, plain: deep, z: f },
      graph: { a: ['deep'], deep: ['plain'], plain: ['z'] },
    };

    expect(nodeOf('deep.keyed.k', definition)).toMatchObject({ queueSize: 50, readerQueueSize: 2 });
    expect(nodeOf('plain.keyed.k', definition)).toMatchObject({ queueSize: 50, readerQueueSize: 16 });
  });

  describe('whose inlet sheds load', () => {
    const shedding = graphOf({
      nodes: { in: { ...inlet(), overflow: 'drop-newest', queueSize: 2 }, work: f },
      graph: { in: ['work'] },
    });
    const entry = (sub: unknown, defaults: object = {}) =>
      nodeOf('sub.in', { nodes: { a: f, sub }, graph: { a: ['sub'] }, defaults });

    it('sheds as much: the queues that lead to it are as long as the room of its inlet, and drop what it would', () => {
      expect(entry(shedding)).toMatchObject({
        overflow: 'drop-newest',
        inputs: [{ capacity: 2, overflow: 'drop-newest' }],
      });
      expect(entry(shedding, { queueSize: 5, overflow: 'error' })).toMatchObject({
        inputs: [{ capacity: 2, overflow: 'drop-newest' }],
      });
    });

    it('does so through any depth', () => {
      const outer = graphOf({ nodes: { in: inlet(), sub: shedding }, graph: { in: ['sub'] } });
      const definition = { nodes: { a: f, outer }, graph: { a: ['outer'] } };

      expect(nodeOf('outer.in', definition)).toMatchObject({ inputs: [{ capacity: 16, overflow: 'block' }] });
      expect(nodeOf('outer.sub.in', definition)).toMatchObject({
        inputs: [{ capacity: 2, overflow: 'drop-newest' }],
      });
    });

    it('has another room where it is given one, and takes nothing of its inlet where it is told what to do when full', () => {
      expect(entry({ run: shedding, queueSize: 7 }).inputs).toMatchObject([
        { capacity: 7, overflow: 'drop-newest' },
      ]);
      expect(entry({ run: shedding, overflow: 'block' }).inputs).toMatchObject([
        { capacity: 16, overflow: 'block' },
      ]);
      expect(entry({ run: shedding, overflow: 'error' }, { queueSize: 5 }).inputs).toMatchObject([
        { capacity: 5, overflow: 'error' },
      ]);
    });
  });

  it('gets the defaults of the graph it stands in for itself, and not for its nodes', () => {
    const definition = {
      nodes: { a: f, b: f, sub: pair },
      graph: { a: ['sub'], b: ['sub'] },
      defaults: { aggregateInputs: false, queueSize: 5, concurrency: 4, onError: 'skip' },
    };

    expect(nodeOf('sub.word', definition)).toMatchObject({
      fanIn: 'merge',
      concurrency: 1,
      inputs: [{ capacity: 5 }, { capacity: 5 }],
    });
    expect(nodeOf('sub.reverse', definition)).toMatchObject({
      concurrency: 1,
      onError: 'fail',
      inputs: [{ capacity: 16 }],
    });
    expect(nodeOf('sub.pair', definition)).toMatchObject({ fanIn: 'join' });
  });

  describe('whose inlet validates', () => {
    const input = { '~standard': { version: 1, vendor: 'none', validate: (value: unknown) => ({ value }) } };
    const validating = (options: object, rest: object = {}) =>
      graphOf({
        nodes: { in: { ...inlet(), input, ...options }, dead: f, j: { run: f, aggregateInputs: false } },
        graph: { in: ['j'], dead: ['j'] },
        deadLetter: 'dead',
        ...rest,
      });
    const entry = (sub: unknown, defaults: object = {}) =>
      nodeOf('sub.in', { nodes: { a: f, sub }, graph: { a: ['sub'] }, defaults });

    it('does with what does not fit as its inlet says, or the defaults beside that; not those of the graph around it', () => {
      expect(entry(validating({}), { onError: 'skip' })).toMatchObject({
        onError: 'fail',
        canDeadLetter: false,
      });
      expect(entry(validating({ onError: 'skip' }))).toMatchObject({ onError: 'skip', canDeadLetter: false });
      expect(entry(validating({}, { defaults: { onError: 'skip' } }))).toMatchObject({ onError: 'skip' });
      expect(entry(validating({ onError: f }))).toMatchObject({
        onError: expect.any(Function),
        canDeadLetter: true,
      });
    });

    it('sends dead letters to the dead-letter node beside it', () => {
      const definition = {
        nodes: { a: f, sub: validating({ onError: 'dead-letter' }) },
        graph: { a: ['sub'] },
      };

      const { deadLetterTo } = nodeOf('sub.in', definition);
      expect(deadLetterTo?.to).toBe(nodeOf('sub.dead', definition).index);
      expect(nodeOf('sub.dead', definition).inputs).toMatchObject([{ index: deadLetterTo?.index }]);
    });

    it('is told so beside a schema only', () => {
      expect(faultsOf({ nodes: { in: { ...inlet(), onError: 'skip' } } })).toEqual([
        'option-not-applicable nodes.in.onError',
      ]);
      expect(faultsOf({ nodes: { in: { ...inlet(), onError: 'skip' } }, defaults: { input } })).toEqual([]);
    });
  });

  it('may be one node, which is its inlet and its sink', () => {
    const wire = graphOf({ nodes: { in: inlet() } });

    expect(
      describePlan(planOf({ nodes: { a: f, wire, b: f }, graph: { a: ['wire'], wire: ['b'] } })).order,
    ).toEqual(['a', 'wire.in', 'b']);
  });

  it('may have sources of its own', () => {
    const stamped = graphOf({ nodes: { in: inlet(), stamp: f, j: f }, graph: { in: ['j'], stamp: ['j'] } });
    const { lanes } = describePlan(planOf({ nodes: { a: f, stamped }, graph: { a: ['stamped'] } }));

    expect(lanes).toEqual({ a: 'a', 'stamped.in': 'a', 'stamped.stamp': 'a', 'stamped.j': 'a' });
  });

  it.for([
    ['without an inlet', { nodes: { a: f } }, ['no inlet']],
    [
      'with several inlets',
      { nodes: { a: inlet(), b: inlet(), c: f }, graph: { a: ['c'], b: ['c'] } },
      ['several inlets: `a`, `b`'],
    ],
    [
      'with several sinks',
      { nodes: { a: inlet(), b: f, c: f }, graph: { a: ['b', 'c'] } },
      ['several sinks: `b`, `c`'],
    ],
  ] as const)('is refused %s', ([, inner, [words]]) => {
    const sub = graphOf(inner);

    expect(faultsOf({ nodes: { a: f, sub: { run: sub } }, graph: { a: ['sub'] } })).toEqual([
      'bad-subgraph nodes.sub.run',
    ]);
    expect(messageOf({ nodes: { a: f, sub }, graph: { a: ['sub'] } })).toContain(words);
  });

  it('is refused where no edge leads to it', () => {
    expect(faultsOf({ nodes: { sub: pair, a: f }, graph: { sub: ['a'] } })).toEqual([
      'bad-subgraph nodes.sub',
    ]);
  });

  it('is refused options that are for its nodes, and functions in place of which it cannot stand', () => {
    const sub = {
      run: pair,
      concurrency: 2,
      order: 'completion',
      many: true,
      setup: f,
      args: {},
      onError: 'skip',
    };

    expect(faultsOf({ nodes: { a: f, sub }, graph: { a: ['sub'] } }).toSorted()).toEqual(
      ['args', 'concurrency', 'many', 'onError', 'order', 'setup'].map(
        (name) => `option-not-applicable nodes.sub.${name}`,
      ),
    );
    expect(faultsOf({ nodes: { a: { run: f, setup: pair } } })).toEqual(['bad-option nodes.a.setup']);
  });

  it('keeps the lane of what feeds it: a conflict across its border is found, and told with the path through it', () => {
    const filter = graphOf({ nodes: { in: inlet(), keep: f }, graph: { in: ['keep'] } });
    const spread = graphOf({ nodes: { in: inlet(), many: { run: f, many: true } }, graph: { in: ['many'] } });
    const definition = (sub: object) => ({
      nodes: { a: f, sub, b: f, j: f },
      graph: { a: ['sub', 'j'], sub: ['b'], b: ['j'] },
    });

    expect(faultsOf(definition(filter))).toEqual([]);
    expect(faultsOf(definition(spread))).toEqual(['unpairable-lanes nodes.j']);
    expect(messageOf(definition(spread))).toContain('a -> sub.in -> sub.many -> b -> j');
  });

  it('starts a lane where it merges its inputs', () => {
    const { lanes } = describePlan(
      planOf({
        nodes: { a: f, b: f, sub: { run: pair, aggregateInputs: false } },
        graph: { a: ['sub'], b: ['sub'] },
      }),
    );

    expect(lanes['sub.pair']).toBe('sub.word');
  });

  it('tells a cycle by the names that stand in the definition', () => {
    expect(messageOf({ nodes: { a: f, sub: pair }, graph: { a: ['sub'], sub: ['a'] } })).toContain(
      'a -> sub -> a',
    );
  });

  it('cannot be written in a document: not under any key, nor by a prototype', () => {
    for (const key of [
      'sluice.graph',
      'Symbol(sluice.graph)',
      '@@sluice.graph',
      '__proto__',
      'plan',
      'nodes',
    ]) {
      const document = JSON.parse(
        `{ "nodes": { "a": "f", "b": { "${key}": { "nodes": [], "inlets": [] } } }, "graph": { "a": ["b"] } }`,
      );

      expect(faultsOf(document, { registry: { f } })).toContain('not-a-node nodes.b.run');
    }
  });
});
