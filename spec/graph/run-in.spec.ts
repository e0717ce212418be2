import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { GraphError } from '../../lib/error/graph-error.ts';
import { fromModule } from '../../lib/graph/modules.ts';
import { Workers, workersOf } from '../../lib/graph/workers.ts';
import { Plumber } from '../../lib/pipeline/plumber.ts';
import { f, faultsOf, messageOf, nodeOf, planOf } from './problems.ts';

const zlib = fromModule<typeof import('node:zlib')>('node:zlib');
const run = zlib('gzipSync');

/** `n -> x -> y`, where `x` has these options. */
const within = (options: object, beside: object = {}): object => ({
  nodes: { n: { inlet: true }, x: { run, ...options }, y: f },
  graph: { n: ['x'], x: ['y'] },
  ...beside,
});
const inWorker = (options: object = {}): object => within({ runIn: 'worker', ...options });

function problemsIn(make: () => unknown): string[] {
  try {
    make();
    return [];
  } catch (error) {
    return (error as GraphError).problems.map(({ code, path }) => `${code} ${path}`);
  }
}

describe("runIn: 'worker'", () => {
  it('is for a function of a module, which the plan names', () => {
    const x = nodeOf('x', inWorker());

    expect(x.worker).toMatchObject({
      module: 'node:zlib',
      name: 'gzipSync',
      movesInput: false,
      movesOutput: false,
    });
  });

  it('is for one that the registry has, so that a document may ask for it', () => {
    const definition = JSON.parse(
      '{ "nodes": { "n": { "inlet": true }, "x": { "run": "zip#gzip", "runIn": "worker" } }, "graph": { "n": ["x"] } }',
    );

    const x = nodeOf('x', definition, { registry: { 'zip#gzip': run } });

    expect(x.worker).toMatchObject({ module: 'node:zlib', name: 'gzipSync' });
  });

  it("is not what a node gets that says nothing, or 'main'", () => {
    expect([nodeOf('x', within({})).worker, nodeOf('x', within({ runIn: 'main' })).worker]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('cannot apply to a function that no other thread can find', () => {
    const closure = { nodes: { n: { inlet: true }, x: { run: f, runIn: 'worker' } }, graph: { n: ['x'] } };

    expect(faultsOf(closure)).toEqual(['option-not-applicable nodes.x.runIn']);
    expect(messageOf(closure)).toContain('fromModule(');
  });

  it('cannot apply to a source, an inlet or a subgraph', () => {
    const inner = new Plumber({ nodes: { i: { inlet: true }, x: f }, graph: { i: ['x'] } });
    const nodes = {
      i: { inlet: true, runIn: 'worker' },
      s: { run, runIn: 'worker' },
      g: { run: inner, runIn: 'worker' },
    };

    expect(faultsOf({ nodes, graph: { i: ['g'] } })).toEqual([
      'option-not-applicable nodes.i.runIn',
      'option-not-applicable nodes.s.runIn',
      'option-not-applicable nodes.g.runIn',
    ]);
  });

  it.for(['thread', true, null, 1])('may not be %j', (runIn) => {
    expect(faultsOf(within({ runIn }))).toEqual(['bad-option nodes.x.runIn']);
  });

  it('as a default applies where it can', () => {
    const defaults = { runIn: 'worker', transfer: 'both' };
    const plan = planOf(within({}, { defaults }));

    expect(plan.nodes.map(({ name, worker }) => `${name} ${worker?.movesInput}`)).toEqual([
      'n undefined',
      'x true',
      'y undefined',
    ]);
    expect(nodeOf('x', within({ runIn: 'main' }, { defaults })).worker).toBeUndefined();
  });

  it('does not go together with setup or teardown, whose state stays here', () => {
    expect(faultsOf(inWorker({ setup: f, teardown: f }))).toEqual([
      'option-not-applicable nodes.x.setup',
      'option-not-applicable nodes.x.teardown',
    ]);
  });

  it('wants args that can be sent', () => {
    expect(faultsOf(inWorker({ args: { level: 9, on: [new Date(0)] } }))).toEqual([]);
    expect(faultsOf(inWorker({ args: { level: () => 9 } }))).toEqual(['bad-option nodes.x.args']);
  });

  it('is told beside a name that the registry does not have', () => {
    expect(faultsOf(inWorker({ run: 'nothing' }))).toEqual(['unknown-function nodes.x.run']);
  });

  it('has twice as many calls at once as there are threads, if nothing else is said', () => {
    const plumber = new Plumber(inWorker() as never, { workers: { threads: 3 } });
    const [, x] = plumber.describe().nodes;
    const own = nodeOf('x', inWorker({ concurrency: 7 }));

    expect([x?.concurrency, own.concurrency]).toEqual([6, 7]);
  });
});

describe('transfer', () => {
  it.for([
    ['input', true, false],
    ['output', false, true],
    ['both', true, true],
  ] as const)('%s is kept in the plan', ([transfer, movesInput, movesOutput]) => {
    expect(nodeOf('x', inWorker({ transfer })).worker).toMatchObject({ movesInput, movesOutput });
  });

  it.for([true, 'all', [], null])('may not be %j', (transfer) => {
    expect(faultsOf(inWorker({ transfer }))).toEqual(['bad-option nodes.x.transfer']);
  });

  it("means nothing without runIn: 'worker'", () => {
    expect(faultsOf(within({ transfer: 'input' }))).toEqual(['option-not-applicable nodes.x.transfer']);
  });

  it.for(['input', 'both'])('%s cannot apply where the input is wanted once more', (transfer) => {
    const again = { retry: { attempts: 2 }, onError: 'dead-letter' };

    expect(faultsOf(inWorker({ transfer, ...again }))).toEqual([
      'option-not-applicable nodes.x.transfer',
      'option-not-applicable nodes.x.transfer',
    ]);
    expect(faultsOf(inWorker({ transfer: 'output', ...again }))).toEqual([]);
    expect(faultsOf(inWorker({ transfer, retry: { attempts: 1 } }))).toEqual([]);
  });

  it.for(['share', 'freeze', 'clone'])('of an input that others get, too, needs clones: %s', (fanOut) => {
    const definition = (transfer: string) => ({
      nodes: {
        n: { inlet: true, fanOut },
        x: { run, runIn: 'worker', transfer },
        y: f,
      },
      graph: { n: ['x', 'y'] },
    });
    const expected = fanOut === 'clone' ? [] : ['option-not-applicable nodes.x.transfer'];

    expect(faultsOf(definition('input'))).toEqual(expected);
    expect(faultsOf(definition('output'))).toEqual([]);
  });

  it('of an input that others get, too, is found through the inlet of a subgraph', () => {
    const inner = new Plumber({
      nodes: { i: { inlet: true }, x: { run, runIn: 'worker', transfer: 'input' } },
      graph: { i: ['x'] },
    } as never);
    const definition = (to: string[]) => ({
      nodes: { n: { inlet: true }, g: inner, y: f, z: f },
      graph: { n: to, z: to.includes('y') ? [] : ['y'] },
    });

    expect(faultsOf(definition(['g', 'y']))).toEqual(['option-not-applicable nodes.g.x.transfer']);
    expect(messageOf(definition(['g', 'y']))).toContain('`n`');
    expect(faultsOf(definition(['g']))).toEqual([]);
  });
});

describe('a function of a module', () => {
  it('runs here when it is called here', async () => {
    const zipped = await run('text');

    expect(gunzipSync(zipped).toString()).toBe('text');
  });

  it('rejects for a module that has none of that name', async () => {
    const nothing = fromModule('node:zlib')('nothing') as () => Promise<unknown>;

    await expect(nothing()).rejects.toThrow('node:zlib exports no function nothing');
  });

  it.for(['./hash.js', 'piscina', '', 1, undefined, {}])('is not told by %j, which is no URL', (module) => {
    expect(problemsIn(() => fromModule(module as string))).toEqual(['bad-option fromModule']);
  });
});

describe('workers', () => {
  it('are those that a Plumber is given, or new ones with its options', () => {
    const workers = new Workers({ threads: 5 });

    expect(workersOf(workers)).toBe(workers);
    expect(workersOf({ threads: 4, idleTimeout: 0, resourceLimits: {}, execArgv: [] })?.threads).toBe(4);
    expect(workersOf(undefined)).toBeUndefined();
    expect(new Workers().threads).toBeGreaterThanOrEqual(1);
  });

  it.for([
    [{ threads: 0 }, 'threads'],
    [{ threads: 1.5 }, 'threads'],
    [{ idleTimeout: -1 }, 'idleTimeout'],
    [{ idleTimeout: Number.NaN }, 'idleTimeout'],
    [{ execArgv: '--import tsx' }, 'execArgv'],
    [{ execArgv: [1] }, 'execArgv'],
    [{ resourceLimits: { maxOldGenerationSizeMb: '64' } }, 'resourceLimits'],
  ] as const)('may not have %j', ([options, name]) => {
    expect(problemsIn(() => new Workers(options as never))).toEqual([`bad-option Workers.${name}`]);
    expect(problemsIn(() => new Plumber(inWorker() as never, { workers: options as never }))).toEqual([
      `bad-option options.workers.${name}`,
    ]);
  });

  it('may not be anything else', () => {
    expect(problemsIn(() => new Workers(4 as never))).toEqual(['bad-option Workers']);
    expect(problemsIn(() => new Workers({ thread: 4 } as never))).toEqual(['unknown-option Workers.thread']);
  });
});

it('looks at each node once for who else has what moves, however many paths lead there', () => {
  const pass = new Plumber({ nodes: { x: { inlet: true, fanOut: 'clone' } }, graph: {} } as never);
  const rungs = Array.from({ length: 40 }, (_, i) => i);
  const rung = (i: number): string[] => (i < 40 ? [`a${i}`, `b${i}`] : ['end']);
  const nodes = Object.fromEntries(
    rungs.flatMap(rung).map((name) => [name, { run: pass, aggregateInputs: false }]),
  );
  const graph = Object.fromEntries(rungs.flatMap((i) => rung(i).map((name) => [name, rung(i + 1)])));
  const end = { run, runIn: 'worker', transfer: 'input', aggregateInputs: false };

  // There are 2^40 of them.
  const faults = faultsOf({
    nodes: { n: { inlet: true, fanOut: 'clone' }, ...nodes, end },
    graph: { n: rung(0), ...graph },
  });

  expect(faults).toEqual([]);
});
