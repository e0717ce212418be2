import { type Context, createPipeline, type Definition, fromModule, Plumber } from 'sluice';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { schemaOf } from '../support/schema.ts';
import { f, faultsOf, messageOf, nodeOf, planOf, problemsOf } from './problems.ts';

const width = z.strictObject({ width: z.number().default(80), title: z.string().optional() });
const fill = (text: string, { args }: Context<unknown, unknown, { width: number }>): string =>
  text.padEnd(args.width);
const registry = { fill: { run: fill, args: width }, plain: (x: unknown) => x };

const with_ = (x: object, more: object = {}) => ({
  nodes: { n: { inlet: true }, x: { run: 'fill', ...x } },
  graph: { n: ['x'] },
  ...more,
});

describe('the args of a registered function', () => {
  it('are what its schema makes of them, also if there are none', () => {
    expect(nodeOf('x', with_({ args: { width: 7 } }), { registry }).args).toEqual({ width: 7 });
    expect(nodeOf('x', with_({}), { registry }).args).toEqual({ width: 80 });
    expect(Object.isFrozen(nodeOf('x', with_({}), { registry }).args)).toBe(true);
  });

  it('reach the function', async () => {
    await using pipeline = createPipeline(with_({ args: { width: 5 } }) as Definition, { registry });

    expect(await pipeline.call('ab')).toEqual({ x: ['ab   '] });
  });

  it('that do not fit are told one by one, each where it stands', () => {
    const definition = with_({ args: { width: 'wide', title: 7, colour: 'red' } });

    expect(faultsOf(definition, { registry })).toEqual([
      'bad-args nodes.x.args.width',
      'bad-args nodes.x.args.title',
      'bad-args nodes.x.args',
    ]);
    expect(problemsOf(definition, { registry })[0]?.message).toContain('number');
  });

  it('are told where they stand in a list', () => {
    const list = { run: fill, args: z.object({ widths: z.array(z.number()) }) };

    expect(faultsOf(with_({ run: 'list', args: { widths: [1, 'two'] } }), { registry: { list } })).toEqual([
      'bad-args nodes.x.args.widths[1]',
    ]);
  });

  it('may come from defaults, and are checked for each function that they reach', () => {
    const definition = with_({}, { defaults: { args: { width: '7' } } });

    expect(faultsOf(definition, { registry })).toEqual(['bad-args nodes.x.args.width']);
    expect(faultsOf(with_({ run: 'plain' }, { defaults: { args: { width: '7' } } }), { registry })).toEqual(
      [],
    );
  });

  it('are those of the ancestor without its queue size', () => {
    const definition = {
      nodes: { n: { inlet: true }, x: { coro: 'fill', args: { width: 9, queue_size: 3 } } },
      graph: { n: ['x'] },
    };

    const { args, queueSize } = nodeOf('x', definition, { registry });

    expect([args, queueSize]).toEqual([{ width: 9 }, 3]);
  });

  it.each(['setup', 'teardown'])('have to fit that of its %s, too', (life) => {
    const open = { run: () => 1, args: z.object({ url: z.string() }) };
    const both = { registry: { ...registry, open } };

    expect(faultsOf(with_({ [life]: 'open', run: 'plain' }), both)).toEqual(['bad-args nodes.x.args.url']);
    expect(nodeOf('x', with_({ [life]: 'open', run: 'plain', args: { url: 'x', y: 1 } }), both).args).toEqual(
      { url: 'x' },
    );
  });

  it('are shown to a schema once, if several functions of a node have it', () => {
    const validate = vi.fn((value: unknown) => ({ value }));
    const args = schemaOf(validate);
    const several = { open: { run: f, args }, asked: { run: f, args } };

    expect(faultsOf(with_({ run: 'asked', setup: 'open' }), { registry: several })).toEqual([]);
    expect(validate).toHaveBeenCalledTimes(1);
  });

  it('are asked about once, when the definition is checked', async () => {
    const validate = vi.fn((value: unknown) => ({ value }));
    const asked = { run: (x: unknown) => x, args: schemaOf(validate) };
    const plumber = new Plumber(with_({ run: 'asked' }) as Definition, { registry: { asked } });

    for (let i = 0; i < 3; i++) {
      await using pipeline = plumber.createPipeline();
      await pipeline.call(i);
    }

    expect(validate).toHaveBeenCalledTimes(1);
  });
});

describe('args from defaults that reach many nodes', () => {
  const names = Array.from({ length: 20 }, (_, i) => `x${i}`);
  const many = (spec: object, args: object) => ({
    nodes: {
      n: { inlet: true },
      ...Object.fromEntries(names.map((name) => [name, { run: 'own', ...spec }])),
    },
    graph: { n: names },
    defaults: { args },
  });
  const counting = (args: object) => {
    const counted = { reads: 0 };
    const proxy = new Proxy(args, {
      ownKeys: (target) => {
        counted.reads++;
        return Reflect.ownKeys(target);
      },
    });
    return Object.assign(counted, { proxy });
  };
  const argsOf = (definition: object, own: unknown): ReadonlySet<unknown> => {
    const { nodes } = planOf(definition, { registry: { own } as never });
    return new Set(nodes.filter(({ kind }) => kind === 'transform').map(({ args }) => args));
  };

  it('are copied and frozen once', () => {
    const counted = counting({ width: 7 });

    const [args, ...others] = argsOf(many({}, counted.proxy), f);

    expect(args).toEqual({ width: 7 });
    expect(Object.isFrozen(args)).toBe(true);
    expect([others, counted.reads]).toEqual([[], 1]);
  });

  it('are shown to a schema once, which makes one object of them for all', () => {
    const validate = vi.fn((value: unknown) => ({ value: { ...Object(value), height: 5 } }));

    const [args, ...others] = argsOf(many({}, { width: 7 }), { run: f, args: schemaOf(validate) });

    expect(args).toEqual({ width: 7, height: 5 });
    expect(Object.isFrozen(args)).toBe(true);
    expect([others, validate.mock.calls]).toEqual([[], [[{ width: 7 }]]]);
  });

  it('are shown to each schema as they are written, whatever another does to them', () => {
    const spoil = (value: unknown) => ({ value: Object.assign(value as object, { width: 0 }) });
    const own = { run: f, args: schemaOf(spoil) };
    const definition = { ...many({}, { width: 7 }) };
    const nodes = { ...definition.nodes, y: { run: 'other' } };

    const plan = planOf(
      { ...definition, nodes, graph: { n: [...names, 'y'] } },
      { registry: { own, other: f } },
    );

    expect(plan.nodes.map(({ name, args }) => [name, args])).toContainEqual(['y', { width: 7 }]);
    expect(plan.nodes.map(({ name, args }) => [name, args])).toContainEqual(['x0', { width: 0 }]);
  });

  it('are told to be wrong at each node', () => {
    const validate = vi.fn(() => ({ issues: [{ message: 'is too wide', path: ['width'] }] }));
    const registry = { own: { run: f, args: schemaOf(validate) } };

    expect(faultsOf(many({}, { width: 7 }), { registry })).toEqual(
      names.map((name) => `bad-args nodes.${name}.args.width`),
    );
    expect(validate).toHaveBeenCalledTimes(1);
  });

  it('are asked once whether a thread can have them', () => {
    let clones = 0;
    const args = Object.defineProperty({}, 'width', { enumerable: true, get: () => ++clones });
    const own = fromModule('node:zlib')('gzipSync');

    planOf(many({ runIn: 'worker' }, args), { registry: { own } });

    // By the question, and by the copy.
    expect(clones).toBe(2);
  });
});

describe('the schema of args', () => {
  const inRegistry = (key: string): string => `registry.${'own'}.${key}`;
  const faultsWith = (args: unknown, code = 'bad-args nodes.x.args') => {
    expect(faultsOf(with_({ run: 'own' }), { registry: { own: { run: fill, args } } as never })).toEqual([
      code,
    ]);
  };

  it('must answer at once', () => {
    faultsWith(
      schemaOf(async (value) => ({ value })),
      'async-schema nodes.x.args',
    );
    faultsWith(
      z.object({}).refine(async () => true),
      'async-schema nodes.x.args',
    );
    // Nobody waits for what it answers in the end: this would be an unhandled rejection.
    faultsWith(
      schemaOf(() => Promise.reject(new Error('late'))),
      'async-schema nodes.x.args',
    );
  });

  it('of zod answers with a promise where it throws, and that is said', () => {
    const throwing = z.object({ width: z.number() }).transform(() => {
      throw new Error('boom');
    });

    const [problem] = problemsOf(with_({ run: 'own', args: { width: 7 } }), {
      registry: { own: { run: fill, args: throwing } } as never,
    });

    expect(problem).toMatchObject({ code: 'async-schema', path: 'nodes.x.args' });
    expect(problem?.message).toContain('zod');
    expect(problem?.message).toContain('throws');
  });

  it.each([
    [
      'throws',
      schemaOf(() => {
        throw new Error('x'.repeat(1e6));
      }),
    ],
    [
      'throws nothing',
      schemaOf(() => {
        throw undefined;
      }),
    ],
    ['answers with nothing', schemaOf(() => undefined as never)],
    ['makes no object of them', schemaOf(() => ({ value: 7 as never }))],
    ['has issues and does not say which', schemaOf(() => ({ issues: [] }))],
  ])('makes a problem if it %s', (_, schema) => {
    faultsWith(schema);
    expect(
      messageOf(with_({ run: 'own' }), { registry: { own: { run: fill, args: schema } } }).length,
    ).toBeLessThan(1000);
  });

  it.each([
    [{ run: fill, args: 7 }, `bad-option ${inRegistry('args')}`],
    [{ run: fill, arg: width }, `unknown-option ${inRegistry('arg')}`],
    [{ args: width }, 'unknown-function nodes.x.run'],
    [{ run: 'fill', args: width }, 'unknown-function nodes.x.run'],
  ])('must stand beside a function: %o', (own, fault) => {
    expect(faultsOf(with_({ run: 'own' }), { registry: { own } as never })).toEqual([fault]);
  });
});

describe('a registered function', () => {
  it('keeps its this, and may be a generator function', async () => {
    const counter = {
      step: 2,
      *run(this: { step: number }, start: number) {
        yield start;
        yield start + this.step;
      },
    };
    // Of an object of a class, other keys are its own business.
    const own = Object.assign(Object.create({ isOfAClass: true }), counter);
    await using pipeline = createPipeline(with_({ run: 'own' }) as Definition, {
      registry: { own } as never,
    });

    expect(await pipeline.call(1)).toEqual({ x: [1, 3] });
  });

  it('may stand wherever a function may', () => {
    const own = { run: () => true, args: z.object({}) };
    const definition = with_({
      run: 'own',
      keyBy: 'own',
      onError: 'own',
      setup: 'own',
      retry: { attempts: 2, if: 'own' },
    });

    expect(
      faultsOf({ ...definition, graph: { n: [{ to: 'x', when: 'own' }] } }, { registry: { own } }),
    ).toEqual([]);
  });

  it('may be one of a module', () => {
    const gzip = { run: fromModule('node:zlib')('gzipSync'), args: z.object({}) };
    const definition = with_({ run: 'gzip', runIn: 'worker' });

    expect(nodeOf('x', definition, { registry: { gzip } as never }).worker).toMatchObject({
      module: 'node:zlib',
      name: 'gzipSync',
    });
  });
});
