import { AsyncLocalStorage } from 'node:async_hooks';
import { type } from 'arktype';
import {
  type DeadLetter,
  type Issue,
  inlet,
  type NodeOptions,
  type Pipeline,
  Plumber,
  type ProcessorError,
  type SourceContext,
  type StandardSchema,
  ValidationError,
} from 'sluice';
import { virtualClock } from 'sluice/testing';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { collect, pass, start, stateOf } from '../pipeline/pipelines.ts';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { schemaOf } from '../support/schema.ts';
import { turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';

const refused = { issues: [{ message: 'refused' }] };
/** Takes even numbers, and halves them. */
const even = schemaOf((value) => (Number(value) % 2 === 0 ? { value: Number(value) / 2 } : refused));
/** The same, a turn later. */
const slowlyEven = schemaOf(async (value) => even['~standard'].validate(value));

function pathOf({ path = [] }: Issue): PropertyKey[] {
  return Array.from(path, (part) => (typeof part === 'object' ? part.key : part));
}

/** An inlet `n` before a node `f`. */
function one(options: NodeOptions, run: (...args: never[]) => unknown = pass) {
  return start({ nodes: { n: inlet(), f: { run, ...options } }, graph: { n: ['f'] } });
}

const users: [string, StandardSchema<unknown, unknown>][] = [
  [
    'zod',
    z.object({
      id: z
        .string()
        .regex(/^\d+$/)
        .transform((id) => Number(id)),
    }),
  ],
  ['valibot', v.object({ id: v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number)) })],
  ['arktype', type({ id: 'string.integer.parse' })],
];

describe.each(users)('a schema of %s', (_, user) => {
  it('transforms what a function is given, what it gives, and what is handed in', async () => {
    const input = one({ input: user });
    const output = one({ output: user });
    const handed = start({ nodes: { n: inlet({ input: user }), f: pass }, graph: { n: ['f'] } });

    for (const pipeline of [input, output, handed]) {
      expect(await pipeline.call({ id: '7' })).toEqual({ f: [{ id: 7 }] });
      await pipeline.stop();
    }
  });

  it('tells where a value does not fit', async () => {
    const pipeline = one({ input: user });

    const error = (await rejectionOf(pipeline.call({ id: 'seven' }))) as ProcessorError;

    expect(error).toMatchObject({ code: 'PROCESSOR', phase: 'input', node: 'f' });
    const cause = error.cause as ValidationError;
    expect(cause).toBeInstanceOf(ValidationError);
    expect(cause.code).toBe('VALIDATION');
    expect(cause.issues.map(pathOf)).toEqual([['id']]);
    expect(cause.message).toMatch(/^id: /);
    await pipeline.stop();
  });
});

describe.each([
  ['at once', even],
  ['later', slowlyEven],
])('an input that is validated %s', (_, input) => {
  it('and does not fit is a failure of its call: the function is not called, and no retry', async () => {
    const calls: unknown[] = [];
    const pipeline = one({ input, retry: { attempts: 5, delay: 0 } }, (n: number) => calls.push(n));

    const error = await rejectionOf(pipeline.call(3));

    expect(error).toMatchObject({
      code: 'PROCESSOR',
      phase: 'input',
      attempts: 0,
      cause: { code: 'VALIDATION' },
    });
    expect((error as ProcessorError<{ payload: unknown }>).input?.payload).toBe(3);
    expect(calls).toEqual([]);
    expect((await pipeline.stop()).nodes.f).toMatchObject({ received: 1, failed: 1, processed: 0 });
  });

  it('goes where onError says: as a dead letter, with the value as it came', async () => {
    const letters: DeadLetter[] = [];
    const pipeline = one({ input, onError: 'dead-letter' });
    pipeline.on('deadLetter', (letter) => letters.push(letter));

    const answers = await Promise.all([2, 3, 4].map((n) => pipeline.call(n)));

    expect(answers).toEqual([{ f: [1] }, { f: [] }, { f: [2] }]);
    expect(letters.map(({ input, attempts }) => [input, attempts])).toEqual([[3, 0]]);
    await pipeline.stop();
  });

  it('of a join is the row, of a merge each value', async () => {
    const row = schemaOf((value) => (Object.keys(value as object).length === 2 ? { value: 'row' } : refused));
    const pipeline = start({
      nodes: {
        n: inlet(),
        a: pass,
        join: { run: pass, input: row },
        merge: { run: pass, input, aggregateInputs: false },
      },
      graph: { n: ['a', 'join', 'merge'], a: ['join', 'merge'] },
    });

    expect(await pipeline.call(4)).toEqual({ join: ['row'], merge: [2, 2] });
    await pipeline.stop();
  });
});

describe('an input', () => {
  it('that is still being validated at an abort never reaches the function', async () => {
    const { opened, open } = gate();
    const calls: unknown[] = [];
    const input = schemaOf(async (value) => {
      await opened;
      return { value };
    });
    const pipeline = start(
      { nodes: { n: inlet(), f: { run: (n: unknown) => calls.push(n), input } }, graph: { n: ['f'] } },
      { grace: 0 },
    );
    const call = rejectionOf(pipeline.call(1));
    await turns(2);

    pipeline.abort();
    await rejectionOf(pipeline.done);
    open();
    await turns(2);

    expect(await call).toMatchObject({ code: 'ABORTED' });
    expect(calls).toEqual([]);
  });

  it('that is still being validated when its call is aborted is let go, which is no failure', async () => {
    const { opened, open } = gate();
    const told: unknown[] = [];
    const input = schemaOf(async (value) => {
      await opened;
      return { value };
    });
    const pipeline = one({ input, onError: 'dead-letter', retry: { attempts: 2 } });
    pipeline.on('error', (event) => told.push(event));
    pipeline.on('deadLetter', (letter) => told.push(letter));
    const controller = new AbortController();
    const gone = rejectionOf(pipeline.call(1, { signal: controller.signal }));
    await turns(2);

    controller.abort();
    expect(await gone).toMatchObject({ code: 'ABORTED' });
    open();
    const { nodes } = await pipeline.stop();

    expect(nodes.f).toMatchObject({ received: 1, discarded: 1, failed: 0, deadLettered: 0 });
    expect(told).toEqual([]);
  });

  it('is validated in the async context of its caller', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const see = (where: string): StandardSchema =>
      schemaOf(async (value) => {
        await turns(1);
        seen.push(`${where} ${value} ${storage.getStore()}`);
        return { value };
      });
    const pipeline = start({
      nodes: { n: inlet({ input: see('inlet') }), f: { run: pass, input: see('in'), output: see('out') } },
      graph: { n: ['f'] },
    });

    await Promise.all([1, 2].map((n) => storage.run(`caller ${n}`, () => pipeline.call(n))));

    expect(seen.sort()).toEqual(
      ['in', 'inlet', 'out'].flatMap((where) => [1, 2].map((n) => `${where} ${n} caller ${n}`)),
    );
    await pipeline.stop();
  });

  it('is seen by keyBy as it came', async () => {
    const keys: unknown[] = [];
    const pipeline = one({ input: even, keyBy: (n: number) => keys.push(n) });

    expect(await pipeline.call(8)).toEqual({ f: [4] });
    expect(keys).toEqual([8]);
    await pipeline.stop();
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
      'broken',
    ],
    ['rejects', () => Promise.reject(new Error('broken')), 'broken'],
    ['gives no result', () => undefined, 'its validator returned no result'],
  ])('whose validator %s is a failure with that for its cause', async (_, validate, message) => {
    const pipeline = one({ input: schemaOf(validate as never) });
    const handed = start({
      nodes: { n: inlet({ input: schemaOf(validate as never) }), f: pass },
      graph: { n: ['f'] },
    });

    for (const each of [pipeline, handed]) {
      const error = await rejectionOf(each.call(1));
      expect(error).toMatchObject({ code: 'PROCESSOR', phase: 'input', cause: { message } });
      await each.stop();
    }
  });
});

describe.each([
  ['at once', even],
  ['later', slowlyEven],
])('an output that is validated %s', (_, output) => {
  it('and does not fit is a failed attempt', async () => {
    let n = 0;
    const asked: unknown[] = [];
    const pipeline = one(
      {
        output,
        retry: { attempts: 3, delay: 0, if: (error, attempt) => asked.push([error, attempt]) > 0 },
      },
      () => [1, 3, 8][n++],
    );

    expect(await pipeline.call('x')).toEqual({ f: [4] });
    expect(asked).toEqual([
      [expect.any(ValidationError), 1],
      [expect.any(ValidationError), 2],
    ]);
    await pipeline.stop();
  });

  it('and never fits is a failure in its own phase, after all attempts', async () => {
    const pipeline = one({ output, retry: { attempts: 3, delay: 0 } }, () => 1);

    const error = await rejectionOf(pipeline.call('x'));

    expect(error).toMatchObject({ phase: 'output', attempts: 3, cause: { code: 'VALIDATION' } });
    await pipeline.stop();
  });

  it('need not fit where nothing is sent', async () => {
    const pipeline = one({ output }, (n: number) => (n === 1 ? null : undefined));

    expect(await pipeline.call(1)).toEqual({ f: [] });
    expect(await pipeline.call(2)).toEqual({ f: [] });
    expect((await pipeline.stop()).nodes.f).toMatchObject({ skipped: 1, processed: 1 });
  });

  it.each<[string, () => unknown]>([
    ['an array', () => [2, null, 4, 5, 6]],
    ['a promise of an array', async () => [2, null, 4, 5, 6]],
    ['promises', () => [2, null, 4, 5, 6].map(async (n) => n)],
  ])('is each item of %s', async (_, run) => {
    const pipeline = one({ output, many: true, onError: 'skip' }, run);

    expect(await pipeline.call('x')).toEqual({ f: [1, 2] });
    expect((await pipeline.stop()).nodes.f).toMatchObject({ failed: 1, sent: 2 });
  });

  it.each<[string, (end: () => void) => () => unknown]>([
    [
      'generator',
      (end) =>
        function* () {
          try {
            yield* [2, 3, 4];
          } finally {
            end();
          }
        },
    ],
    [
      'async generator',
      (end) =>
        async function* () {
          try {
            yield* [2, 3, 4];
          } finally {
            end();
          }
        },
    ],
  ])('has its %s return when an item does not fit', async (_, make) => {
    let ends = 0;
    const run = make(() => {
      ends++;
    });
    const pipeline = one({ output }, run);
    const read = collect(pipeline);
    read.catch(() => {});

    pipeline.push('x').catch(() => {});

    expect(await rejectionOf(pipeline.done)).toMatchObject({
      phase: 'output',
      cause: { code: 'VALIDATION' },
    });
    expect(ends).toBe(1);
    expect(await rejectionOf(read)).toMatchObject({ phase: 'output' });
  });
});

function* generate(): Generator<number> {
  yield 2;
}

describe('an output', () => {
  it('that takes too long to be validated has timed out', async () => {
    const clock = virtualClock();
    const { opened, open } = gate();
    const output = schemaOf(async (value) => {
      await opened;
      return { value };
    });
    const pipeline = start(
      { nodes: { n: inlet(), f: { run: pass, output, timeout: 50 } }, graph: { n: ['f'] } },
      { clock },
    );
    const call = rejectionOf(pipeline.call(1));
    await turns(2);

    await clock.advance(50);

    expect(await call).toMatchObject({ phase: 'run', cause: { code: 'TIMEOUT' } });
    open();
    await pipeline.stop();
  });

  it('whose iterable was asked to return while an item was validated has it asked once', async () => {
    const { opened, open } = gate();
    const output = schemaOf(async () => {
      await opened;
      return refused;
    });
    let returns = 0;
    const iterator = {
      next: () => ({ done: false, value: 1 }),
      return: () => ({ done: true, value: returns++ }),
      [Symbol.iterator]: () => iterator,
    };
    const pipeline = one({ output, many: true }, () => iterator);
    const call = rejectionOf(pipeline.call(1));
    await turns(2);

    pipeline.abort();
    open();
    await rejectionOf(pipeline.done);
    await turns(2);

    expect(await call).toMatchObject({ code: 'ABORTED' });
    expect(returns).toBe(1);
  });

  it('that does not fit is the failure, also where its iterable cannot even return', async () => {
    const failing = (fail: () => unknown) => {
      const iterator = {
        next: () => ({ done: false, value: 1 }),
        return: fail,
        [Symbol.iterator]: () => iterator,
      };
      return iterator;
    };
    const broken = new Error('broken');
    const fails = [
      () => {
        throw broken;
      },
      () => Promise.reject(broken),
    ];

    for (const fail of fails) {
      const pipeline = one({ output: even, many: true }, () => failing(fail));
      expect(await rejectionOf(pipeline.call(1))).toMatchObject({
        phase: 'output',
        cause: { code: 'VALIDATION' },
      });
      await pipeline.stop();
    }
  });

  it('that does not fit is told at once, though its iterable never returns', async () => {
    const iterator = {
      next: () => ({ done: false, value: 1 }),
      return: () => new Promise(() => {}),
      [Symbol.iterator]: () => iterator,
    };
    const pipeline = start(
      { nodes: { n: inlet(), f: { run: () => iterator, output: even, many: true } }, graph: { n: ['f'] } },
      { grace: 0 },
    );

    expect(await rejectionOf(pipeline.call(1))).toMatchObject({
      phase: 'output',
      cause: { code: 'VALIDATION' },
    });
    expect(await pipeline.stop()).toMatchObject({ stragglers: ['f'] });
  });

  it.for([4, Promise.resolve(4)])(
    'of a generator is what it yields, not what it returns in the end: %o',
    async (end) => {
      const pipeline = one({ output: even }, function* () {
        yield 2;
        return end;
      });

      expect(await pipeline.call(1)).toEqual({ f: [1] });
      await pipeline.stop();
    },
  );

  it('of a node that gives many may be nothing', async () => {
    const pipeline = one({ output: even, many: true }, () => null);

    expect(await pipeline.call(1)).toEqual({ f: [] });
    expect((await pipeline.stop()).nodes.f).toMatchObject({ skipped: 1, failed: 0 });
  });

  it('that is a generator is told to be what it is', async () => {
    const pipeline = one({ output: even }, () => generate());

    expect(await rejectionOf(pipeline.call(1))).toMatchObject({
      phase: 'run',
      cause: { message: expect.stringContaining('many: true') },
    });
    await pipeline.stop();
  });
});

describe.each([
  ['at once', even],
  ['later', slowlyEven],
])('an inlet that validates %s', (_, input) => {
  const inFront = (run: (...args: never[]) => unknown = pass) => ({
    nodes: { n: inlet({ input }), f: run },
    graph: { n: ['f'] },
  });

  it('refuses what does not fit to whoever hands it in, and nothing enters the pipeline', async () => {
    const pipeline = start(inFront());
    const read = collect(pipeline);

    const refusals = await Promise.all([rejectionOf(pipeline.push(1)), rejectionOf(pipeline.call(3))]);
    await pipeline.push(2);
    const answer = await pipeline.call(4);

    expect(refusals).toEqual([expect.any(ValidationError), expect.any(ValidationError)]);
    expect(answer).toEqual({ f: [2] });
    expect((await pipeline.stop()).nodes).toMatchObject({
      n: { received: 2, failed: 0 },
      f: { received: 2 },
    });
    expect(await read).toEqual([1]);
  });

  it('is an unhandled rejection if nobody looks at the push', async () => {
    const pipeline = start(inFront());

    const unhandled = await unhandledDuring(() => void pipeline.push(1));

    expect(unhandled).toEqual([expect.any(ValidationError)]);
    await pipeline.stop();
  });

  it('fails on an item of its inputs that does not fit, and closes them', async () => {
    let isClosed = false;
    function* items() {
      try {
        yield* [2, 3, 4];
      } finally {
        isClosed = true;
      }
    }
    const pipeline = start(inFront(), { inputs: { n: items() } });

    expect(await rejectionOf(pipeline.done)).toMatchObject({
      code: 'PROCESSOR',
      node: 'n',
      phase: 'input',
      cause: { code: 'VALIDATION' },
    });
    expect(isClosed).toBe(true);
  });

  it('names itself in what it refuses', async () => {
    const pipeline = start(inFront());

    expect(await rejectionOf(pipeline.call('none'))).toMatchObject({
      code: 'VALIDATION',
      node: 'n',
      message: expect.stringMatching(/^node n does not take that: /),
    });
    await pipeline.stop();
  });

  it('skips null', async () => {
    const pipeline = start(inFront());

    await pipeline.push(null);

    expect(await pipeline.call(undefined)).toEqual({ f: [] });
    await pipeline.stop();
  });

  it('takes what it was handed before it was closed', async () => {
    const pipeline = start(inFront());
    const read = collect(pipeline);

    const pushes = [2, 4, 6].map((n) => pipeline.push(n));
    pipeline.close();
    const late = rejectionOf(pipeline.push(8));
    await Promise.all(pushes);

    expect(await late).toMatchObject({ code: 'STOPPED' });
    await pipeline.done;
    expect(await read).toEqual([1, 2, 3]);
  });

  it('sheds load of what fits only', async () => {
    const pipeline = start({
      nodes: { n: { ...inlet({ input }), overflow: 'drop-newest', queueSize: 2 }, f: pass },
      graph: { n: ['f'] },
    });

    const answers = await Promise.allSettled([1, 3, 5, 2, 4, 6].map((n) => pipeline.call(n)));

    expect(answers.map(({ status }) => status)).toEqual([
      ...['rejected', 'rejected', 'rejected'],
      ...['fulfilled', 'fulfilled', 'fulfilled'],
    ]);
    expect((await pipeline.stop()).nodes.n?.dropped).toBeLessThanOrEqual(1);
  });

  it('keeps no room for a call that was aborted while its value was validated', async () => {
    const { opened: validated, open: validate } = gate();
    const { opened, open } = gate();
    const slowly = schemaOf(async (value) => {
      await validated;
      return input['~standard'].validate(value);
    });
    // All that stay have room, even if they are taken one turn later.
    const pipeline = start({
      nodes: {
        n: { ...inlet({ input: slowly }), overflow: 'error', queueSize: 4 },
        f: { run: (n: unknown) => opened.then(() => n), queueSize: 1 },
      },
      graph: { n: ['f'] },
    });
    const controller = new AbortController();
    const first = [2, 4].map((n) => pipeline.push(n));
    const third = pipeline.call(6);
    const gone = [8, 10, 14, 16].map((n) => rejectionOf(pipeline.call(n, { signal: controller.signal })));
    await turns(2);
    controller.abort();
    await Promise.all(gone);
    const last = pipeline.call(12);

    validate();
    await turns(5);
    open();

    expect(await Promise.allSettled([...first, third, last])).toMatchObject(
      Array(4).fill({ status: 'fulfilled' }),
    );
    expect((await pipeline.stop()).nodes.n).toMatchObject({ received: 8, discarded: 4, dropped: 0 });
  });

  it('may be that of a subgraph: then it is a failure of that node', async () => {
    const inner = new Plumber({ nodes: { n: inlet({ input }), f: pass }, graph: { n: ['f'] } });
    const pipeline = start({ nodes: { x: inlet(), inner }, graph: { x: ['inner'] } });

    expect(await pipeline.call(4)).toEqual({ inner: [2] });
    expect(await rejectionOf(pipeline.call(5))).toMatchObject({
      code: 'PROCESSOR',
      node: 'inner.n',
      phase: 'input',
      cause: { code: 'VALIDATION' },
    });
    await pipeline.stop();
  });
});

describe('an inlet whose validator ends the pipeline', () => {
  const ending = (end: (pipeline: Pipeline) => unknown) => {
    const input = schemaOf((value) => {
      if (value === 'last') end(pipeline);
      return { value };
    });
    const pipeline: Pipeline = start({ nodes: { n: inlet({ input }), f: pass }, graph: { n: ['f'] } });
    return pipeline;
  };

  it('refuses the value that it ends it with by an abort', async () => {
    const pipeline = ending((each) => each.abort());
    const done = rejectionOf(pipeline.done);

    const push = pipeline.push('last');
    const outcome = rejectionOf(push);

    expect(await stateOf(push)).toBe('rejected');
    expect(await outcome).toMatchObject({ code: 'ABORTED' });
    expect(await done).toMatchObject({ code: 'ABORTED' });
    expect(pipeline.metrics().nodes.n).toMatchObject({ received: 0 });
  });

  it('still takes the value that it closes the inlet with', async () => {
    const pipeline = ending((each) => each.close());

    await pipeline.push('last');

    expect((await pipeline.done).nodes.f).toMatchObject({ received: 1 });
  });
});

describe('an inlet whose validator takes its time', () => {
  function gated() {
    const gates = new Map<unknown, ReturnType<typeof gate>>();
    const input = schemaOf(async (value) => {
      const own = gate();
      gates.set(value, own);
      await own.opened;
      return Number(value) < 0 ? refused : { value };
    });
    const pipeline = start({ nodes: { n: inlet({ input }), f: pass }, graph: { n: ['f'] } }, { grace: 0 });
    const open = async (value: unknown): Promise<void> => {
      gates.get(value)?.open();
      await turns(2);
    };
    return { pipeline, open };
  }

  it('takes values in the order in which they were handed in', async () => {
    const { pipeline, open } = gated();
    const read = collect(pipeline);
    const pushes = [1, -2, 3].map((n) => pipeline.push(n));
    const second = rejectionOf(pushes[1] as Promise<void>);

    await open(3);
    await open(-2);
    expect(await second).toBeInstanceOf(ValidationError);
    expect(await stateOf(pushes[2] as Promise<void>)).toBe('pending');
    await open(1);
    await pipeline.stop();

    expect(await read).toEqual([1, 3]);
  });

  it('has values wait that are validated, and those behind them, but for what was refused', async () => {
    const { pipeline, open } = gated();
    const pushes = [1, -2, 3, null].map((n) => pipeline.push(n));
    const second = rejectionOf(pushes[1] as Promise<void>);
    const waiting = () => pipeline.explain().nodes.n?.waiting;

    const atFirst = waiting();
    await open(-2);
    await second;
    const withoutRefused = waiting();
    const stopped = pipeline.stop({ report: true });
    pipeline.abort();

    // What makes no row stands in line as well, but there is nothing to report of it.
    expect([atFirst, withoutRefused]).toEqual([4, 3]);
    expect((await stopped).leftMessages?.map(({ state, payload }) => [state, payload])).toEqual([
      ['offered', 1],
      ['offered', 3],
    ]);
    await Promise.allSettled(pushes);
  });

  it('is stopped when what it was handed is validated and worked off', async () => {
    const { pipeline, open } = gated();
    const call = pipeline.call(1);

    const stopped = pipeline.stop();
    expect(await stateOf(stopped)).toBe('pending');
    await open(1);

    expect(await call).toEqual({ f: [1] });
    expect(await stopped).toMatchObject({ left: 0 });
  });

  it('tells a failure of the pipeline to who waits for a value to be validated', async () => {
    const { opened } = gate();
    const input = schemaOf(async () => {
      await opened;
      return refused;
    });
    const { opened: begun, open } = gate();
    const pipeline = start(
      {
        nodes: {
          n: inlet({ input }),
          async s() {
            await begun;
            throw new Error('broken');
          },
          f: { run: pass, aggregateInputs: false },
        },
        graph: { n: ['f'], s: ['f'] },
      },
      { grace: 0 },
    );

    const unhandled = await unhandledDuring(async () => {
      const push = rejectionOf(pipeline.push(1));
      await turns(2);
      open();
      expect(await push).toMatchObject({ code: 'STOPPED', cause: { cause: { message: 'broken' } } });
    });

    expect(unhandled).toEqual([]);
  });

  it('hides no failure of the pipeline once nobody waits for it', async () => {
    const f = (value: unknown): unknown => (value === 0 ? value : Promise.reject(new Error('broken')));
    const pipeline = start({
      nodes: { n: inlet({ input: schemaOf((value) => ({ value })) }), f },
      graph: { n: ['f'] },
    });
    await pipeline.push(0);

    const unhandled = await unhandledDuring(() => pipeline.push(1));

    expect(unhandled).toMatchObject([{ code: 'PROCESSOR', cause: { message: 'broken' } }]);
  });

  it('spends as much on each value behind it, however many there are', async () => {
    const { opened, open } = gate();
    const input = schemaOf((value) => (value === 0 ? opened.then(() => ({ value })) : { value }));
    const pipeline = start({ nodes: { n: inlet({ input }), f: pass }, graph: { n: ['f'] } });
    const pushes = Array.from({ length: 2000 }, (_, n) => pipeline.push(n));
    await turns(2);
    // An array moves all that is left to its front.
    const lengths: number[] = [];
    const { shift } = Array.prototype;
    const replace = (value: () => unknown) =>
      Object.defineProperty(Array.prototype, 'shift', { value, configurable: true, writable: true });
    replace(function (this: unknown[]) {
      lengths[lengths.length] = this.length;
      return Reflect.apply(shift, this, []);
    });

    open();
    await Promise.all(pushes).finally(() => replace(shift));

    expect(Math.max(0, ...lengths)).toBeLessThan(100);
    await pipeline.stop();
  });

  it('refuses at an abort what was not validated, and takes no notice of what comes of it', async () => {
    const { pipeline, open } = gated();
    const push = rejectionOf(pipeline.push(1));
    const call = rejectionOf(pipeline.call(-2));
    await turns(2);

    const unhandled = await unhandledDuring(async () => {
      pipeline.abort();
      expect(await push).toMatchObject({ code: 'ABORTED' });
      expect(await call).toMatchObject({ code: 'ABORTED' });
      await rejectionOf(pipeline.done);
      await open(1);
      await open(-2);
    });

    expect(unhandled).toEqual([]);
    expect(pipeline.metrics().nodes.n).toMatchObject({ received: 0 });
  });
});

describe.each([
  ['at once', even],
  ['later', slowlyEven],
])('a source whose output is validated %s', (_, output) => {
  it('fails with an item that does not fit, and is asked to return', async () => {
    let isClosed = false;
    const pipeline = start({
      nodes: {
        s: {
          *run() {
            try {
              yield* [2, null, undefined, 4, 5, 6];
            } finally {
              isClosed = true;
            }
          },
          output,
        },
        f: pass,
      },
      graph: { s: ['f'] },
    });
    const seen: unknown[] = [];
    pipeline.on('message', ({ node, message }) => node === 's' && seen.push(message.payload));

    const error = await rejectionOf(pipeline.done);

    expect(error).toMatchObject({ node: 's', phase: 'output', attempts: 1, cause: { code: 'VALIDATION' } });
    expect(seen).toEqual([1, 2]);
    expect(isClosed).toBe(true);
  });

  it('does not end before its iterable has returned', async () => {
    const { opened, open } = gate();
    const pipeline = start(
      {
        nodes: {
          s: {
            async *run() {
              try {
                yield 3;
              } finally {
                await opened;
              }
            },
            output,
          },
          f: pass,
        },
        graph: { s: ['f'] },
      },
      { grace: Number.POSITIVE_INFINITY },
    );
    const done = rejectionOf(pipeline.done);

    const before = await stateOf(done);
    open();

    expect(before).toBe('pending');
    expect(await done).toMatchObject({ node: 's', phase: 'output' });
  });

  const emitting = (run: (context: SourceContext<number>) => Promise<void>) =>
    start({ nodes: { s: { run, output }, f: pass }, graph: { s: ['f'] } });

  it('has failed by the emit that it does not catch, though others were refused after it', async () => {
    const pipeline = emitting(async ({ emit }) => {
      await Promise.all([emit(3), emit(5)]);
    });

    expect(await rejectionOf(pipeline.done)).toMatchObject({
      node: 's',
      phase: 'output',
      cause: { code: 'VALIDATION' },
    });
  });

  it('has an emit of what does not fit reject, and has failed if nobody catches that', async () => {
    const pipeline = emitting(async ({ emit }) => {
      await emit(2);
      await emit(3);
    });

    const error = await rejectionOf(pipeline.done);

    expect(error).toMatchObject({ node: 's', phase: 'output', cause: { code: 'VALIDATION' } });
  });

  it('goes on if its function catches that', async () => {
    const caught: unknown[] = [];
    const pipeline = emitting(async ({ emit }) => {
      for (const n of [2, 3, 4]) await emit(n).catch((error) => caught.push(error));
    });
    const read = collect(pipeline);

    await pipeline.done;

    expect(await read).toEqual([1, 2]);
    expect(caught).toEqual([expect.any(ValidationError)]);
  });

  it('has failed by itself if its function throws something else', async () => {
    const pipeline = emitting(async ({ emit }) => {
      await emit(3).catch(() => {
        throw new Error('mine');
      });
    });

    expect(await rejectionOf(pipeline.done)).toMatchObject({ phase: 'run', cause: { message: 'mine' } });
  });
});
