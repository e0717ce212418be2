import { type Definition, inlet } from 'sluice';
import { virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';
import { pass, start, stateOf } from './pipelines.ts';

const deaf = (): Promise<never> => new Promise(() => {});
const withSink = (sink: unknown): Definition =>
  ({ nodes: { a: inlet(), sink }, graph: { a: ['sink'] } }) as Definition;

describe('stopping', () => {
  it('works off what is there, takes nothing more, and resolves with the counters', async () => {
    const { opened, open } = gate();
    const pipeline = start(withSink({ run: () => opened, queueSize: 1 }));
    const pushes = [1, 2, 3].map((value) => pipeline.push(value));
    await turns(5);

    const stopped = pipeline.stop();
    const late = rejectionOf(pipeline.push(4));
    open();

    expect(await stopped).toMatchObject({ left: 0, nodes: { sink: { received: 3, inFlight: 0 } } });
    await Promise.all(pushes);
    expect(await late).toMatchObject({ code: 'STOPPED' });
  });

  it('before the first tick lets no source begin', async () => {
    let hasBegun = false;
    const source = function* (): Generator<number> {
      hasBegun = true;
      yield 1;
    };
    const pipeline = start({ nodes: { source, sink: pass }, graph: { source: ['sink'] } });

    await pipeline.stop();

    expect(hasBegun).toBe(false);
    expect(await stateOf(pipeline.done)).toBe('resolved');
  });

  it('before the first tick ends a pipeline whose join will have no row, with what was pushed into its other branch', async () => {
    const pipeline = start({
      nodes: { s: () => [1], a: inlet(), node: pass, join: pass },
      graph: { s: ['join'], a: ['node'], node: ['join'] },
    });
    const pushed = pipeline.push(1);

    const summary = await pipeline.stop();

    await Promise.allSettled([pushed]);
    expect(summary.nodes.join).toMatchObject({ received: 0 });
    expect(await stateOf(pipeline.done)).toBe('resolved');
  });

  it('may be asked for as often as one likes, also when all is over', async () => {
    const clock = virtualClock();
    const pipeline = start(withSink(pass), { clock });

    const summaries = await Promise.all([pipeline.stop(), pipeline.stop()]);

    expect(summaries[0]).toBe(summaries[1]);
    expect(await pipeline.stop({ within: 5 })).toBe(summaries[0]);
    expect(clock.pending).toBe(0);
  });

  it('is what leaving the block of an `await using` does', async () => {
    const pipeline = start(withSink(pass));

    await pipeline[Symbol.asyncDispose]();

    expect(await stateOf(pipeline.done)).toBe('resolved');
  });

  it('aborts when it takes longer than it may, and says what was left', async () => {
    const clock = virtualClock();
    const pipeline = start(withSink({ run: deaf, queueSize: 4 }), { clock, grace: 100 });
    for (const value of [1, 2, 3]) await pipeline.push(value);
    await turns(5);

    const stopped = pipeline.stop({ within: 1000 });
    await clock.advance(999);
    const early = await stateOf(stopped);
    await clock.advance(1);
    await clock.advance(100);

    expect(early).toBe('pending');
    expect(await stopped).toMatchObject({ left: 3, stragglers: ['sink'] });
    expect(await stopped).not.toHaveProperty('leftMessages');
    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', stragglers: ['sink'] });
    expect(clock.pending).toBe(0);
  });

  it('is an abort that was asked for when it takes longer than it may: unhandled for nobody, told to who pushes', async () => {
    const clock = virtualClock();
    const pipeline = start(withSink(deaf), { clock, grace: 0 });
    await pipeline.push(1);
    const unhandled = await unhandledDuring(async () => {
      void pipeline.done;
      const stopped = pipeline.stop({ within: 10 });
      await clock.advance(10);
      await clock.advance(0);
      await stopped;
    });

    expect(unhandled).toEqual([]);
    expect(await rejectionOf(pipeline.call(2))).toMatchObject({ code: 'ABORTED' });
  });

  it.for([-1, Number.NaN, '5', null])('is refused a limit of %j', async (within) => {
    const pipeline = start(withSink(pass));

    expect(() => pipeline.stop({ within: within as number })).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ code: 'bad-option', path: 'stop.within' })],
      }),
    );
    await pipeline.stop();
  });

  it('leaves no timer behind when it takes no longer than it may', async () => {
    const clock = virtualClock();
    const pipeline = start(withSink(pass), { clock });

    await pipeline.stop({ within: 1000 });

    expect(clock.pending).toBe(0);
    expect(await stateOf(pipeline.done)).toBe('resolved');
  });
});

describe('the end of a pipeline', () => {
  it('waits for each function whose time was up, one grace for all of them, and names their node', async () => {
    const clock = virtualClock();
    const gates = [gate(), gate()];
    let calls = 0;
    const run = (): Promise<void> | undefined => gates[calls++]?.opened;
    const late = { run, timeout: 10, concurrency: 2, onError: 'skip' as const };
    const pipeline = start(withSink(late), { clock, grace: 100 });
    await Promise.all([pipeline.push(1), pipeline.push(2)]);
    await clock.advance(10);
    void pipeline.stop();
    await clock.advance(60);

    gates[0]?.open();
    await clock.advance(39);
    const early = await stateOf(pipeline.done);
    await clock.advance(1);

    expect(early).toBe('pending');
    expect(await pipeline.done).toMatchObject({ stragglers: ['sink'], nodes: { sink: { failed: 2 } } });
  });
});

describe('aborting', () => {
  it('settles callers at once, and done when all functions have returned', async () => {
    const { opened, open } = gate();
    const pipeline = start(withSink(() => opened));
    const call = pipeline.call(1);
    const done = rejectionOf(pipeline.done);
    await turns(5);

    pipeline.abort('enough');

    expect(await rejectionOf(call)).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(await stateOf(pipeline.done)).toBe('pending');
    open();
    expect(await done).toMatchObject({ code: 'ABORTED', cause: 'enough', stragglers: [] });
  });

  it('waits for a deaf function no longer than its grace, and names it', async () => {
    const clock = virtualClock();
    const pipeline = start(
      { nodes: { s: () => [1], quick: pass, slow: deaf }, graph: { s: ['quick', 'slow'] } },
      { clock, grace: 50 },
    );
    await turns(5);
    pipeline.abort('enough');

    await clock.advance(50);

    const error = await rejectionOf(pipeline.done);
    expect(error).toMatchObject({ code: 'ABORTED', cause: 'enough', stragglers: ['slow'] });
    expect((error as Error).message).toContain('slow');
    expect(pipeline.metrics()).toMatchObject({ stragglers: ['slow'], left: 1 });
  });

  it('does what it did the first time, whoever asks again', async () => {
    const pipeline = start(withSink({ run: deaf, queueSize: 4 }), { grace: 0 });
    await Promise.all([pipeline.push(1), pipeline.push(2)]);
    await turns(5);

    pipeline.abort('first');
    pipeline.abort('second');

    expect(await rejectionOf(pipeline.done)).toMatchObject({ cause: 'first' });
    pipeline.abort('third');
    expect(await rejectionOf(pipeline.done)).toMatchObject({ cause: 'first' });
    expect(pipeline.metrics().left).toBe(2);
  });

  it('before the first tick lets nothing start', async () => {
    const pipeline = start({ nodes: { s: () => [1], sink: pass }, graph: { s: ['sink'] } });
    let hasStarted = false;
    pipeline.on('start', () => {
      hasStarted = true;
    });

    pipeline.abort('at once');
    await turns(5);

    expect([hasStarted, pipeline.metrics().nodes.s?.sent]).toEqual([false, 0]);
    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', cause: 'at once' });
  });

  it('changes nothing when all is over', async () => {
    const pipeline = start(withSink(pass));
    await pipeline.stop();

    pipeline.abort('late');

    expect(await stateOf(pipeline.done)).toBe('resolved');
  });

  it('lets go of what is queued, counted', async () => {
    const { opened, open } = gate();
    const pipeline = start(withSink({ run: () => opened, queueSize: 4 }));
    for (const value of [1, 2, 3]) await pipeline.push(value);
    await turns(5);

    pipeline.abort();
    open();

    const summary = await pipeline.stop();
    expect(summary.edges).toMatchObject([{ accepted: 3, taken: 1, queued: 0, discarded: 2 }]);
    await rejectionOf(pipeline.done);
  });

  it('ends even where an iterator cannot be asked to return', async () => {
    const iterator = {
      next: deaf,
      get return(): never {
        throw new Error('no');
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    const pipeline = start(
      { nodes: { s: () => iterator, sink: pass }, graph: { s: ['sink'] } },
      { grace: 0 },
    );
    await turns(5);

    expect(() => pipeline.abort('enough')).not.toThrow();
    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED' });
  });

  it('is unhandled for nobody when nobody looks', async () => {
    const unhandled = await unhandledDuring(async () => {
      start(withSink(pass)).abort('enough');
    });

    expect(unhandled).toEqual([]);
  });
});
