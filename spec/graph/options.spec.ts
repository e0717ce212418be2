import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shown } from '../../lib/graph/values.ts';
import { f, faultsOf, messageOf, nodeOf } from './problems.ts';

/** A definition in which `x` is a transform, with these options. */
const withOptions = (options: object): object => ({
  nodes: { a: f, x: { run: f, ...options } },
  graph: { a: ['x'] },
});

const readable = {
  args: [{}, { words: ['a'] }],
  aggregateInputs: [true, false, 'partial'],
  many: [true, false],
  queueSize: [1, 16, Number.MAX_SAFE_INTEGER],
  concurrency: [1, 64],
  keyBy: [f, 'f'],
  order: ['input', 'completion'],
  onError: ['fail', 'skip', 'dead-letter', f, 'f'],
  retry: [{ attempts: 1 }, { attempts: 9, delay: 0, maxDelay: 1e6, factor: 1, jitter: 0, if: 'f' }],
  timeout: [1, 0.5, Number.POSITIVE_INFINITY],
  overflow: ['block', 'drop-oldest', 'drop-newest', 'error'],
  fanOut: ['share', 'clone', 'freeze'],
  setup: [f, 'f'],
  teardown: [f, 'f'],
};

const unreadable = {
  args: [null, [], 'x', 1],
  aggregateInputs: ['all', 1, null],
  many: ['yes', 1, null],
  queueSize: [0, -1, 1.5, '16', null, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53],
  concurrency: [0, -1, 1.5, '4', null, Number.NaN, Number.POSITIVE_INFINITY],
  keyBy: [1, true, {}, null],
  order: ['inputs', true, null],
  onError: ['ignore', 'dead letter', {}, null],
  retry: [3, true, null, []],
  timeout: [0, -1, Number.NaN, 2 ** 31, '1s', null],
  overflow: ['drop', true, f, null],
  fanOut: ['copy', true, f, null],
  setup: [1, {}, null],
  teardown: [true, [], null],
};

const cases = (values: Readonly<Record<string, readonly unknown[]>>): (readonly [string, unknown])[] =>
  Object.entries(values).flatMap(([option, each]) => each.map((value) => [option, value] as const));

describe('an option of a node', () => {
  it.for(cases(readable))('%s may be %j', ([option, value]) => {
    expect(faultsOf(withOptions({ [option]: value }), { registry: { f } })).toEqual([]);
  });

  it.for(cases(unreadable))('%s may not be %j', ([option, value]) => {
    expect(faultsOf(withOptions({ [option]: value }))).toEqual([`bad-option nodes.x.${option}`]);
  });

  it('counts as not set when it is undefined', () => {
    const x = nodeOf('x', { ...withOptions({ queueSize: undefined }), defaults: { queueSize: 3 } });

    expect(x.queueSize).toBe(3);
  });

  it('is told by its name, what it is and what it must be', () => {
    const message = messageOf(withOptions({ queueSize: '16' }));

    expect(message).toContain('"16"');
    expect(message).toContain('whole number from 1');
  });

  // Each of these has its place elsewhere, and none of them may be passed over here.
  it.for(['size', 'scatter', 'when'])(
    'is refused as unknown when it is %s, which is none of a node',
    (option) => {
      expect(faultsOf(withOptions({ [option]: 1 }))).toEqual([`unknown-option nodes.x.${option}`]);
      expect(faultsOf({ nodes: { x: { inlet: true, [option]: 1 } } })).toEqual([
        `unknown-option nodes.x.${option}`,
      ]);
      expect(faultsOf({ nodes: { x: f }, defaults: { [option]: 1 } })).toEqual([
        `unknown-option defaults.${option}`,
      ]);
    },
  );

  it.for(['__proto__', 'constructor', 'toString', 'coroutine', 'RUN'])(
    'is refused as unknown when it is %s',
    (key) => {
      const definition = JSON.parse(`{ "nodes": { "x": { "run": "f", "${key}": 1 } } }`);

      expect(faultsOf(definition, { registry: { f } })).toEqual([`unknown-option nodes.x.${key}`]);
    },
  );

  it('may stand beside the fields of an instance, which are no options', () => {
    class Counter {
      count = 0;
      readonly concurrency = 2;
      run(step: number): number {
        this.count += step;
        return this.count;
      }
    }
    const counter = new Counter();

    const x = nodeOf('x', { nodes: { a: f, x: counter }, graph: { a: ['x'] } });
    (x.run as (step: number) => number)(5);

    expect(x.concurrency).toBe(2);
    expect(counter.count).toBe(5);
  });

  it('holds for an object without a prototype as for any other', () => {
    const spec = Object.assign(Object.create(null), { run: f, many: true, mani: true });

    expect(faultsOf({ nodes: { a: f, x: spec }, graph: { a: ['x'] } })).toEqual([
      'unknown-option nodes.x.mani',
    ]);
  });
});

describe('the fields of retry', () => {
  it('have defaults', () => {
    expect(nodeOf('x', withOptions({ retry: { attempts: 3 } })).retry).toEqual({
      ...{ attempts: 3, delay: 100, maxDelay: 30_000, factor: 2, jitter: 0.5, if: undefined },
    });
  });

  it('are each refused when they cannot be read, or are not known', () => {
    const retry = { attempts: 0, delay: -1, maxDelay: 2 ** 31, factor: 0.5, jitter: 2, if: 1, retries: 3 };

    expect(faultsOf(withOptions({ retry }))).toEqual([
      'unknown-option nodes.x.retry.retries',
      ...['attempts', 'delay', 'maxDelay', 'factor', 'jitter', 'if'].map(
        (field) => `bad-option nodes.x.retry.${field}`,
      ),
    ]);
    expect(faultsOf(withOptions({ retry: {} }))).toEqual(['bad-option nodes.x.retry.attempts']);
  });

  it('name functions in the registry, and keep the methods of an object', () => {
    expect(faultsOf(withOptions({ retry: { attempts: 2, if: 'g' } }), { registry: { f } })).toEqual([
      'unknown-function nodes.x.retry.if',
    ]);
    const retry = {
      attempts: 2,
      worth: 'timeout',
      if(error: unknown) {
        return error === this.worth;
      },
    };
    const policy = nodeOf('x', withOptions({ retry: Object.assign(Object.create({}), retry) })).retry;

    expect(policy?.if?.('timeout', 1, undefined as never)).toBe(true);
  });
});

describe('an option that cannot apply', () => {
  const call = ['many', 'concurrency', 'keyBy', 'order'];
  const values: Record<string, unknown> = {
    ...Object.fromEntries(cases(readable)),
    many: true,
    queueSize: 2,
  };

  it.for([...call, 'onError', 'retry', 'timeout', 'overflow'])('is %s on a source', (option) => {
    const definition = { nodes: { x: { run: f, [option]: values[option] }, b: f }, graph: { x: ['b'] } };

    expect(faultsOf(definition, { registry: { f } })).toEqual([`option-not-applicable nodes.x.${option}`]);
  });

  it.for([...call, 'args', 'onError', 'retry', 'timeout', 'setup', 'teardown'])(
    'is %s on an inlet',
    (option) => {
      const definition = {
        nodes: { x: { inlet: true, [option]: values[option] }, b: f },
        graph: { x: ['b'] },
      };

      expect(faultsOf(definition, { registry: { f } })).toEqual([`option-not-applicable nodes.x.${option}`]);
    },
  );

  it.for([
    ['source', { run: f }],
    ['inlet', { inlet: true }],
  ] as const)('is the queue size of a %s, unless it is a sink whose readers have that queue', ([, spec]) => {
    const x = { ...spec, queueSize: 2 };

    expect(faultsOf({ nodes: { x, b: f }, graph: { x: ['b'] } })).toEqual([
      'option-not-applicable nodes.x.queueSize',
    ]);
    expect(nodeOf('x', { nodes: { x, b: f } }).queueSize).toBe(2);
  });

  it.for([
    [{ queueSize: 2, overflow: 'error' }, [2, 'error']],
    [{ overflow: 'drop-oldest' }, [16, 'drop-oldest']],
    [{ overflow: 'block' }, [16, 'block']],
  ] as const)('is not the queue size of an inlet that sheds load: %j', ([options, expected]) => {
    const { queueSize, overflow } = nodeOf('x', {
      nodes: { x: { inlet: true, ...options }, b: f },
      graph: { x: ['b'] },
    });

    expect([queueSize, overflow]).toEqual(expected);
  });

  it('is the queue size of an inlet that says it blocks', () => {
    const x = { inlet: true, queueSize: 2, overflow: 'block' };

    expect(faultsOf({ nodes: { x, b: f }, graph: { x: ['b'] }, defaults: { overflow: 'error' } })).toEqual([
      'option-not-applicable nodes.x.queueSize',
    ]);
  });

  it('is never aggregateInputs, wherever it stands', () => {
    const aggregateInputs = 'partial';
    const nodes = {
      i: { inlet: true, aggregateInputs },
      s: { run: f, aggregateInputs },
      t: { run: f, aggregateInputs },
    };

    expect(faultsOf({ nodes, graph: { i: ['t'] } })).toEqual([]);
  });

  it('is told with the reason', () => {
    const message = messageOf({ nodes: { x: { run: f, concurrency: 2 }, b: f }, graph: { x: ['b'] } });

    expect(message).toContain('a source');
    expect(message).toContain('called once');
  });

  it('is many: false on a generator function, whose results are always unrolled', () => {
    const generators = [function* () {}, async function* () {}];

    for (const run of generators) {
      expect(faultsOf(withOptions({ run, many: false }))).toEqual(['bad-option nodes.x.many']);
      expect(faultsOf(withOptions({ run, many: true }))).toEqual([]);
      expect(nodeOf('x', withOptions({ run })).many).toBe(true);
    }
  });
});

describe('the defaults', () => {
  const nodes = { i: { inlet: true }, s: f, t: { run: f }, u: { run: f, concurrency: 4, queueSize: 4 } };
  const graph = { i: ['t'], s: ['u'] };

  it('apply to every node that does not set its own, where they can', () => {
    const definition = { nodes, graph, defaults: { concurrency: 2, queueSize: 2, args: { a: 1 } } };

    const shape = Object.keys(nodes).map((name) => {
      const { concurrency, queueSize, args } = nodeOf(name, definition);
      return [name, concurrency, queueSize, args];
    });

    expect(shape).toEqual([
      ['i', 1, 16, {}],
      ['s', 1, 16, { a: 1 }],
      ['t', 2, 2, { a: 1 }],
      ['u', 4, 4, { a: 1 }],
    ]);
  });

  it('of a definition go before those of its Plumber, one by one', () => {
    const definition = { nodes, graph, defaults: { concurrency: 2 } };

    const t = nodeOf('t', definition, { defaults: { concurrency: 3, queueSize: 3 } });

    expect([t.concurrency, t.queueSize]).toEqual([2, 3]);
  });

  it('are read like the options of a node', () => {
    expect(faultsOf({ nodes, graph, defaults: { queueSize: 0, run: f } })).toEqual([
      'unknown-option defaults.run',
      'bad-option defaults.queueSize',
    ]);
    expect(faultsOf({ nodes, graph }, { defaults: { queueSize: 0 } })).toEqual([
      'bad-option options.defaults.queueSize',
    ]);
    expect(faultsOf({ nodes, graph }, { defaults: 7 })).toEqual(['bad-option options.defaults']);
  });

  it('leave generator functions unrolled when they say many: false', () => {
    const definition = {
      nodes: { a: f, x: function* () {} },
      graph: { a: ['x'] },
      defaults: { many: false },
    };

    expect(nodeOf('x', definition).many).toBe(true);
  });
});

describe('a value in a message', () => {
  it.for([
    ['a"b', '"a\\"b"'],
    [null, 'null'],
    [1.5, '1.5'],
    [true, 'true'],
    [[1], 'an array'],
    [{}, 'an object'],
    [f, 'a function'],
    [undefined, 'undefined'],
    [Symbol('s'), 'a symbol'],
    [1n, 'a bigint'],
  ] as const)('%o is shown as %s', ([value, expected]) => {
    expect(shown(value)).toBe(expected);
  });

  it('is short, whatever it is', () => {
    expect(shown('x'.repeat(61))).toBe(`"${'x'.repeat(57)}..."`);
    fc.assert(fc.property(fc.anything(), (value) => shown(value).length < 140));
  });
});
