import { inspect } from 'node:util';
import {
  type Context,
  type Definition,
  inlet,
  type LifeContext,
  type Message,
  Plumber,
  type ProcessorError,
  type SourceContext,
} from 'sluice';
import { describe, expect, it } from 'vitest';
import { pass, start } from '../pipeline/pipelines.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe('what a console shows', () => {
  it('of contexts, messages and errors holds nothing of the engine, of env, or of other callers', async () => {
    const shown: string[] = [];
    const fails = (_: unknown, context: Context): never => {
      shown.push(inspect(context, { depth: 9 }));
      throw new Error('boom');
    };
    const setup = (context: LifeContext): void => void shown.push(inspect(context, { depth: 9 }));
    const pipeline = start(
      { nodes: { word: inlet(), fails: { run: fails, setup, args: { n: 1 } } }, graph: { word: ['fails'] } },
      { env: { password: 'hunter2' } },
    );
    const errors = await Promise.all(['mine', 'theirs'].map((word) => rejectionOf(pipeline.call(word))));
    // What ends a process is printed without regard to what classes say of themselves.
    for (const customInspect of [true, false]) shown.push(inspect(errors[0], { depth: 99, customInspect }));
    await pipeline.stop();

    const [ofLife, ofCall, , ofError] = shown;
    expect(shown.join()).not.toMatch(/hunter2|Processor \{|PipelineRun/);
    expect(ofLife).toMatch(/^Context \{ node: 'fails', args: \{ n: 1 \} \}$/);
    expect(ofCall).toMatch(/message: Message \{[^}]*payload: 'mine'/);
    expect(ofError).toMatch(/node: 'fails'/);
    expect((errors[0] as ProcessorError<Message>).input?.payload).toBe('mine');
    expect(shown.slice(3).join()).not.toContain('theirs');
  });
});

describe('the context of a function', () => {
  it('holds what the node, the pipeline and setup gave it', async () => {
    const seen: Context[] = [];
    const look = {
      run: (_: unknown, context: Context) => void seen.push(context),
      args: { n: 1 },
      setup: () => 'state',
    };
    const pipeline = start(
      { nodes: { word: inlet(), look }, graph: { word: ['look'] } },
      { env: 'env', logger: log },
    );

    await pipeline.call('x');

    const [context] = seen;
    expect([context?.args, context?.env, context?.state, context?.node]).toEqual([
      { n: 1 },
      'env',
      'state',
      'look',
    ]);
    expect(context?.log).toBe(log);
    expect(context?.signal).toBeInstanceOf(AbortSignal);
    await pipeline.stop();
  });

  it('is much the same for a source, a setup and a teardown', async () => {
    const seen: (LifeContext | SourceContext)[] = [];
    const see = (context: LifeContext): string => {
      seen.push(context);
      return 'state';
    };
    const source = {
      async run(context: SourceContext) {
        see(context);
      },
      ...{ setup: see, teardown: see, args: { n: 1 } },
    };

    await start({ nodes: { source }, graph: {} }, { env: 'env', logger: log }).done;

    expect(seen.map(({ args, env, node }) => [args, env, node])).toEqual(
      [1, 2, 3].map(() => [{ n: 1 }, 'env', 'source']),
    );
    expect(seen.every((context) => context.log === log && context.signal instanceof AbortSignal)).toBe(true);
    expect(seen.map(({ state }) => state)).toEqual(['state', 'state', 'state']);
  });

  it('has frozen args, shared by all pipelines of a Plumber, and an env of each its own', async () => {
    const seen: Context[] = [];
    const look = { run: (_: unknown, context: Context) => void seen.push(context), args: { n: 1 } };
    const definition: Definition = { nodes: { word: inlet(), look }, graph: { word: ['look'] } };
    const plumber = new Plumber(definition, { env: 'of the plumber' });
    const pipelines = [plumber.createPipeline(), plumber.createPipeline({ env: 'of the request' })];

    for (const pipeline of pipelines) {
      await pipeline.call(1);
      await pipeline.stop();
    }

    expect(seen.map(({ env }) => env)).toEqual(['of the plumber', 'of the request']);
    expect(seen[0]?.args).toBe(seen[1]?.args);
    expect(Object.isFrozen(seen[0]?.args)).toBe(true);
  });

  it('logs to the console when it is given nothing else', async () => {
    let found: unknown;
    const pipeline = start({
      nodes: {
        s: () => [1],
        look: (_: unknown, context: Context) => {
          found = context.log;
        },
      },
      graph: { s: ['look'] },
    });

    await pipeline.done;

    expect(found).toBe(console);
  });
});

describe('the message of a context', () => {
  /** Runs a few nodes on one value each, and returns the message that each node saw. */
  async function messagesSeen(definition: Definition): Promise<Record<string, Message>> {
    const seen: Record<string, Message> = {};
    const pipeline = start(definition, { ids: (number) => `id ${number}` });
    pipeline.on('message', ({ node, message }) => {
      seen[node] = message;
    });
    await pipeline.done;
    return seen;
  }

  it('says where it comes from: its parent, and the inputs it descends from', async () => {
    const { s, a, b } = await messagesSeen({
      nodes: { s: () => [1], a: pass, b: pass },
      graph: { s: ['a'], a: ['b'] },
    });

    expect([s?.node, a?.node, b?.node]).toEqual(['s', 'a', 'b']);
    expect([s?.roots, s?.parents]).toEqual([[s?.id], []]);
    expect([a?.roots, a?.parents]).toEqual([[s?.id], [s?.id]]);
    expect([b?.roots, b?.parents]).toEqual([[s?.id], [a?.id]]);
  });

  it('made from a row has a parent in every branch, and the roots of all', async () => {
    const seen = await messagesSeen({
      nodes: { s: () => [1], t: () => [2], a: pass, join: pass },
      graph: { s: ['a', 'join'], a: ['join'], t: ['join'] },
    });

    expect(seen.join?.parents).toEqual([seen.s?.id, seen.a?.id, seen.t?.id]);
    expect(seen.join?.roots.toSorted()).toEqual([seen.s?.id, seen.t?.id].toSorted());
  });

  it('is the row itself for the function of a join', async () => {
    const payloads: unknown[] = [];
    const join = (row: unknown, { message }: Context): void => void payloads.push(row, message.payload);

    await start({ nodes: { s: () => [1], a: pass, join }, graph: { s: ['a', 'join'], a: ['join'] } }).done;

    expect(payloads).toEqual([
      { s: 1, a: 1 },
      { s: 1, a: 1 },
    ]);
  });
});

describe('the signal of a function', () => {
  const definition = (signals: AbortSignal[]): Definition => ({
    nodes: {
      word: inlet(),
      wait: {
        concurrency: 4,
        run: (_: unknown, { signal }: Context) => {
          signals.push(signal);
          return new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
      },
    },
    graph: { word: ['wait'] },
  });

  it('is aborted with the call it works for, and with no other', async () => {
    const signals: AbortSignal[] = [];
    const pipeline = start(definition(signals));
    const [mine, other] = [new AbortController(), new AbortController()];
    const calls = [pipeline.call(1, { signal: mine.signal }), pipeline.call(2, { signal: other.signal })];
    await turns(5);

    mine.abort('mine');

    expect(await rejectionOf(calls[0] as Promise<unknown>)).toMatchObject({ code: 'ABORTED', cause: 'mine' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    other.abort('other');
    await rejectionOf(calls[1] as Promise<unknown>);
    await pipeline.stop();
  });

  it('is that of the pipeline for what was pushed, and aborted with it', async () => {
    const signals: AbortSignal[] = [];
    const pipeline = start(definition(signals));
    await pipeline.push(1);
    await pipeline.push(2);
    await turns(5);

    pipeline.abort('enough');

    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(signals[0]).toBe(signals[1]);
    await rejectionOf(pipeline.done);
  });
});
