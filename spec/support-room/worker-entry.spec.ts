import { describe, expect, it } from 'vitest';
import { putTogether } from '../../lib/support/thread-errors.ts';
import { ABORTED, BEGUN, createFlags, LISTENING, type ThreadOutcome } from '../../lib/support/thread-task.ts';
import { call } from '../../lib/support/worker-entry.ts';
import { turn } from '../support/turns.ts';

const module = new URL('../support/worker-functions.ts', import.meta.url).href;

/** What a thread would answer, worked out in this one. */
async function answerTo(
  name: string,
  input: unknown,
  flags = createFlags(),
  moves = false,
): Promise<unknown> {
  const context = { args: { a: 1 }, node: 'x', message: { id: 'm' } };
  return call({ task: { module, name, input, context, moves }, flags });
}

async function failureOf(name: string, input: unknown): Promise<Error> {
  const outcome = (await answerTo(name, input)) as ThreadOutcome & { kind: 'threw' };
  expect(outcome.kind).toBe('threw');
  return putTogether(outcome.error) as Error;
}

describe('what runs in a worker thread', () => {
  it('calls what a module exports, with its context', async () => {
    expect(await answerTo('double', 21)).toEqual({ kind: 'returned', value: 42 });
    expect(await answerTo('told', 0)).toEqual({
      kind: 'returned',
      value: { args: { a: 1 }, node: 'x', message: { id: 'm' } },
    });
  });

  it('says that it has begun, and when it is asked for its signal', async () => {
    const flags = createFlags();

    await answerTo('double', 1, flags);
    expect([flags[BEGUN], flags[LISTENING]]).toEqual([1, 0]);

    const ended = new Int32Array(new SharedArrayBuffer(8));
    const answer = answerTo('spinUntilAborted', ended, flags);
    Atomics.store(flags, ABORTED, 1);
    expect(await answer).toMatchObject({ kind: 'threw' });
    expect([flags[LISTENING], ended[0]]).toEqual([1, 2]);
  });

  it('does not begin what was given up before', async () => {
    const flags = createFlags();
    Atomics.store(flags, ABORTED, 1);
    expect(await answerTo('double', 1, flags)).toMatchObject({ kind: 'threw' });
  });

  it('tells a function that waits of an abort', async () => {
    const flags = createFlags();
    const ended = new Int32Array(new SharedArrayBuffer(8));
    const answer = answerTo('waitUntilAborted', ended, flags);
    while (ended[0] === 0) await turn();

    Atomics.store(flags, ABORTED, 1);
    Atomics.notify(flags, ABORTED);

    expect(await answer).toEqual({ kind: 'returned', value: undefined });
  });

  it.for(['env', 'state', 'log'])('has no context.%s', async (name) => {
    expect((await failureOf('readOf', name)).message).toContain(`no context.${name} in a worker thread`);
  });

  it('fails with what the function fails with, down to where it was called', async () => {
    const error = await failureOf('fail', 'type');

    expect(error).toEqual(new TypeError('no such thing'));
    expect(error.stack).toMatch(/^TypeError: no such thing\n.*\bfail\b.*$/);
  });

  it('fails if there is no such function, no such module, or an iterator', async () => {
    expect((await failureOf('notAFunction', 1)).message).toContain('exports no function notAFunction');
    expect((await failureOf('generated', 1)).message).toContain('return an array');
    const context = {};
    const missing = { module: 'file:///missing.js', name: 'none', input: 1, context, moves: false };
    expect(await call({ task: missing, flags: createFlags() })).toMatchObject({ kind: 'threw' });
  });

  it('marks what moves, if anything does', async () => {
    const bytes = new Uint8Array([1, 2]);
    const marked = (await answerTo('invert', bytes, createFlags(), true)) as Record<symbol, unknown>;

    expect(marked[Symbol.for('Piscina.transferable')]).toEqual([bytes.buffer]);
    expect(marked[Symbol.for('Piscina.valueOf')]).toEqual({ kind: 'returned', value: bytes });
    expect(await answerTo('double', 1, createFlags(), true)).toEqual({ kind: 'returned', value: 2 });
  });
});
