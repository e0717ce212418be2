import { describe, expect, it } from 'vitest';
import { checkDefinition } from '../../lib/graph/check.ts';
import { describe as described } from '../../lib/graph/describe.ts';
import { f, faultsOf, messageOf, nodeOf, planOf } from './problems.ts';

/** A source `s` or an inlet `n` before a node `b` of these options. */
const fromSource = (b: object, more: object = {}) => ({
  nodes: { s: f, b: { run: f, ...b } },
  graph: { s: ['b'] },
  ...more,
});
const fromInlet = (b: object) => ({
  nodes: { n: { inlet: true }, b: { run: f, ...b } },
  graph: { n: ['b'] },
});

describe('the option batch', () => {
  it('is read with its defaults', () => {
    expect(nodeOf('b', fromSource({ batch: { size: 3 } })).batch).toEqual({
      ...{ size: 3, within: undefined, scatter: false },
    });
    expect(nodeOf('b', fromInlet({ batch: { size: 1, within: 0, scatter: true } })).batch).toEqual({
      ...{ size: 1, within: 0, scatter: true },
    });
  });

  it.for([
    [10, 'bad-option nodes.b.batch'],
    [{}, 'bad-option nodes.b.batch.size'],
    [{ size: 0 }, 'bad-option nodes.b.batch.size'],
    [{ size: 1.5 }, 'bad-option nodes.b.batch.size'],
    [{ size: '2' }, 'bad-option nodes.b.batch.size'],
    [{ size: 2, within: -1 }, 'bad-option nodes.b.batch.within'],
    [{ size: 2, within: Number.NaN }, 'bad-option nodes.b.batch.within'],
    [{ size: 2, within: Number.POSITIVE_INFINITY }, 'bad-option nodes.b.batch.within'],
    [{ size: 2, within: 2 ** 31 }, 'bad-option nodes.b.batch.within'],
    [{ size: 2, scatter: 'yes' }, 'bad-option nodes.b.batch.scatter'],
    [{ size: 2, withing: 5 }, 'unknown-option nodes.b.batch.withing'],
  ] as const)('is refused as %j', ([batch, fault]) => {
    expect(faultsOf(fromSource({ batch }))).toEqual([fault]);
  });

  it('says which of its fields was meant', () => {
    expect(messageOf(fromSource({ batch: { size: 2, withing: 5 } }))).toContain('Did you mean `within`?');
  });

  it('can apply neither to a source nor to an inlet', () => {
    const batch = { size: 2, within: 1 };

    expect(faultsOf({ nodes: { s: { run: f, batch } } })).toEqual(['option-not-applicable nodes.s.batch']);
    expect(faultsOf({ nodes: { n: { inlet: true, batch } } })).toEqual([
      'option-not-applicable nodes.n.batch',
    ]);
  });

  it('starts a lane, but with scatter', () => {
    expect(nodeOf('b', fromSource({ batch: { size: 2 } })).startsLane).toBe(true);
    expect(nodeOf('b', fromSource({ batch: { size: 2, scatter: true } })).startsLane).toBe(false);
  });

  it('cannot be joined with a branch of what is gathered, but with scatter', () => {
    const joined = (scatter: boolean) => ({
      nodes: { s: f, b: { run: f, batch: { size: 2, scatter } }, j: f },
      graph: { s: ['b', 'j'], b: ['j'] },
    });

    expect(faultsOf(joined(false))).toEqual(['unpairable-lanes nodes.j']);
    expect(faultsOf(joined(true))).toEqual([]);
  });

  it('is counted in the bound, and described', () => {
    const description = (b: object) => described(planOf(fromSource(b)));
    const most = (b: object): number => Number(description(b).maxMessages);

    expect(most({ batch: { size: 10 }, concurrency: 3 }) - most({})).toBe((40 - 1) * 2);
    expect(description({ batch: { size: 10 } }).nodes[1]).toMatchObject({
      batch: { size: 10, scatter: false },
    });
    expect(description({}).nodes[1]).not.toHaveProperty('batch');
  });
});

describe('a batch beside other options', () => {
  const generate = function* (): Generator<number> {};
  const schema = { '~standard': { version: 1, vendor: 'spec', validate: (value: unknown) => ({ value }) } };

  it.for([
    ['keyBy', { keyBy: f, batch: { size: 2 } }],
    ['keyBy, scattered', { keyBy: f, batch: { size: 2, scatter: true } }],
    ['input', { input: schema, batch: { size: 2 } }],
    ['output', { output: schema, batch: { size: 2, scatter: true } }],
    ['many, scattered', { many: true, batch: { size: 2, scatter: true } }],
    ['a generator, scattered', { run: generate, batch: { size: 2, scatter: true } }],
  ] as const)('is refused with %s', ([, options]) => {
    expect(faultsOf(fromSource(options))).toEqual(['option-not-applicable nodes.b.batch']);
  });

  it('may give many, if it is not scattered', () => {
    expect(nodeOf('b', fromSource({ many: true, batch: { size: 2 } })).many).toBe(true);
    expect(nodeOf('b', fromSource({ run: generate, batch: { size: 2 } })).many).toBe(true);
  });

  it.for([
    ['batch', { keyBy: f }, { batch: { size: 2 } }],
    ['batch', { run: generate }, { batch: { size: 2, scatter: true } }],
    ['batch', { output: schema }, { batch: { size: 2 } }],
    ['keyBy', { batch: { size: 2 } }, { keyBy: f }],
    ['input', { batch: { size: 2 } }, { input: schema }],
    ['many', { batch: { size: 2, scatter: true } }, { many: true }],
  ] as const)('has a default of %s give way to what the node says itself', ([option, own, defaults]) => {
    const node = nodeOf('b', fromSource(own, { defaults }));

    expect(node[option]).toBe(option === 'many' ? false : undefined);
  });
});

describe('a default of batch', () => {
  const schema = { '~standard': { version: 1, vendor: 'spec', validate: (value: unknown) => ({ value }) } };
  const batch = { size: 2 };

  it.for([
    ['keyBy', { batch, keyBy: f }],
    ['input', { batch, input: schema }],
    ['output', { batch, output: schema }],
    ['many, scattered', { batch: { size: 2, scatter: true }, many: true }],
  ] as const)('is refused beside a default of %s, once for all nodes', ([, defaults]) => {
    const definition = { nodes: { s: f, b: f, c: f }, graph: { s: ['b'], b: ['c'] }, defaults };

    expect(faultsOf(definition)).toEqual(['option-not-applicable defaults.batch']);
    expect(() => checkDefinition({ ...definition, defaults: {} }, {}, defaults)).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ path: 'options.defaults.batch' })],
      }),
    );
  });

  it('is told of each of several defaults beside it', () => {
    const defaults = { batch, keyBy: f, input: schema, output: schema };

    expect(faultsOf(fromSource({}, { defaults }))).toEqual([
      'option-not-applicable defaults.batch',
      'option-not-applicable defaults.batch',
    ]);
  });

  it('may stand beside them where no node takes both', () => {
    const defaults = { batch, keyBy: f };

    expect(nodeOf('b', fromSource({ keyBy: f }, { defaults }))).toMatchObject({
      batch: undefined,
      keyBy: expect.any(Function),
    });
    expect(nodeOf('b', fromSource({ batch }, { defaults }))).toMatchObject({ batch, keyBy: undefined });
    expect(faultsOf({ nodes: { s: f }, graph: {}, defaults })).toEqual([]);
  });
});

describe('a batch downstream of an inlet', () => {
  it('needs within, and is told by which way the inlet leads there', () => {
    const definition = {
      nodes: { n: { inlet: true }, x: f, b: { run: f, batch: { size: 2 } } },
      graph: { n: ['x'], x: ['b'] },
    };

    expect(faultsOf(definition)).toEqual(['batch-needs-within nodes.b.batch']);
    expect(messageOf(definition)).toContain('n -> x -> b');
    expect(faultsOf(fromInlet({ batch: { size: 2, within: 0 } }))).toEqual([]);
  });

  it('needs it also where only dead letters, or what comes back, lead there', () => {
    const letters = {
      nodes: {
        n: { inlet: true },
        x: { run: f, onError: 'dead-letter' },
        dead: { run: f, batch: { size: 2 } },
      },
      graph: { n: ['x'] },
      deadLetter: 'dead',
    };
    const loop = {
      nodes: {
        s: f,
        n: { inlet: true },
        a: { run: f, aggregateInputs: false, batch: { size: 2 } },
        b: { run: f, aggregateInputs: false },
      },
      graph: { s: ['a'], a: ['b'], n: ['b'], b: [{ to: 'a', feedback: true }] },
    };

    expect(faultsOf(letters)).toEqual(['batch-needs-within nodes.dead.batch']);
    expect(faultsOf(loop)).toEqual(['batch-needs-within nodes.a.batch']);
  });

  it('is known to the inlet, if no call can pass it', () => {
    const plain = fromInlet({ batch: { size: 2, within: 1 } });
    const scattered = fromInlet({ batch: { size: 2, within: 1, scatter: true } });

    expect(nodeOf('n', plain).wayIntoBatch).toEqual(['n', 'b']);
    expect(nodeOf('b', plain).wayIntoBatch).toBeUndefined();
    expect(nodeOf('n', scattered).wayIntoBatch).toBeUndefined();
  });
});
