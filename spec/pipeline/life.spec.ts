import { type Definition, inlet, type LifeContext } from 'sluice';
import { virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';
import { pass, start, stateOf } from './pipelines.ts';

/** Three nodes in a row that write down their setups, calls and teardowns; some of these can be replaced. */
function watched(replaced: Record<string, { setup?: () => unknown; teardown?: () => unknown }> = {}) {
  const log: string[] = [];
  const node = (name: string): object => {
    const write = (what: 'setup' | 'teardown') => (): unknown => {
      log.push(`${what} ${name}`);
      return replaced[name]?.[what]?.();
    };
    const run = (value: unknown): unknown => {
      log.push(`run ${name}`);
      return value;
    };
    return { run, setup: write('setup'), teardown: write('teardown') };
  };
  const definition = {
    nodes: { s: () => [1], a: node('a'), b: node('b'), c: node('c') },
    graph: { s: ['a'], a: ['b'], b: ['c'] },
  };
  return { log, definition: definition as Definition };
}

const fail = (): never => {
  throw new Error('no');
};
const never = (): Promise<never> => new Promise(() => {});

describe('setup and teardown', () => {
  it('run around all calls, in the order of the graph and back', async () => {
    const { log, definition } = watched();

    await start(definition).done;

    expect(log).toEqual([
      ...['setup a', 'setup b', 'setup c'],
      ...['run a', 'run b', 'run c'],
      ...['teardown c', 'teardown b', 'teardown a'],
    ]);
  });

  it('are waited for one by one', async () => {
    const [setup, teardown] = [gate(), gate()];
    const { log, definition } = watched({
      a: { setup: () => setup.opened },
      c: { teardown: () => teardown.opened },
    });
    const pipeline = start(definition);
    await turns(5);
    const duringSetup = [...log];

    setup.open();
    await turns(5);

    expect(duringSetup).toEqual(['setup a']);
    expect(log.at(-1)).toBe('teardown c');
    expect(await stateOf(pipeline.done)).toBe('pending');
    teardown.open();
    await pipeline.done;
    expect(log.at(-1)).toBe('teardown a');
  });

  it('hand on what setup returned, also to a teardown that is all the node has beside it', async () => {
    const seen: unknown[] = [];
    const teardown = ({ state }: LifeContext): void => void seen.push(state);
    const nodes = { s: { run: () => [], setup: () => 's', teardown }, t: { run: () => [], teardown } };

    await start({ nodes, graph: {} }).done;

    expect(seen).toEqual([undefined, 's']);
  });

  it('run once for each pipeline', async () => {
    const { log, definition } = watched();

    await start(definition).done;
    await start(definition).done;

    expect(log.filter((line) => line === 'setup a')).toHaveLength(2);
  });
});

describe('a setup that fails', () => {
  it('fails the pipeline before anything is called, and what was set up before it is torn down', async () => {
    const { log, definition } = watched({ b: { setup: fail } });

    const error = await rejectionOf(start(definition).done);

    expect(error).toMatchObject({ code: 'PROCESSOR', node: 'b', phase: 'setup', cause: { message: 'no' } });
    expect(log).toEqual(['setup a', 'setup b', 'teardown a']);
  });

  it('refuses what was pushed meanwhile', async () => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: { i: { inlet: true }, a: { run: pass, setup: () => opened.then(fail) } },
      graph: { i: ['a'] },
    });
    const call = rejectionOf(pipeline.call(1));

    open();

    expect(await call).toMatchObject({ code: 'STOPPED', cause: { code: 'PROCESSOR', phase: 'setup' } });
  });
});

describe('a teardown that fails', () => {
  it('fails the pipeline, and the others run all the same', async () => {
    const { log, definition } = watched({ b: { teardown: fail } });

    const error = await rejectionOf(start(definition).done);

    expect(error).toMatchObject({ code: 'PROCESSOR', node: 'b', phase: 'teardown' });
    expect(log.slice(-3)).toEqual(['teardown c', 'teardown b', 'teardown a']);
  });

  it('does not take the place of the failure that came first', async () => {
    const { definition } = watched({ a: { setup: () => {}, teardown: fail }, b: { setup: fail } });

    expect(await rejectionOf(start(definition).done)).toMatchObject({ phase: 'setup', node: 'b' });
  });
});

describe('a setup or a teardown that fails', () => {
  it('takes the place of an abort, which was asked for', async () => {
    const { log, definition } = watched({ b: { teardown: fail } });
    const pipeline = start({ ...definition, nodes: { ...definition.nodes, s: inlet() } });
    await turns(5);

    pipeline.abort('enough');

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'PROCESSOR', phase: 'teardown' });
    expect(log.at(-1)).toBe('teardown a');
  });

  it('takes the place of an abort that came while it was awaited', async () => {
    const { opened, open } = gate();
    const { definition } = watched({ b: { teardown: () => opened.then(fail) } });
    const pipeline = start(definition);
    await turns(5);
    pipeline.abort('enough');

    open();

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'PROCESSOR', phase: 'teardown' });
  });

  it.for(['setup', 'teardown'] as const)('after the end is reported as uncaught: a %s', async (what) => {
    const clock = virtualClock();
    const { opened, open } = gate();
    const slow = { setup: () => opened, [what]: () => opened.then(fail) };
    const { definition } = watched({ b: slow });
    const pipeline = start(definition, { clock, grace: 100 });
    await turns(5);
    pipeline.abort('enough');
    await clock.advance(100);
    const ended = await rejectionOf(pipeline.done);

    const uncaught = await unhandledDuring(async () => {
      open();
      await turns(5);
    });

    expect(ended).toMatchObject({ code: 'ABORTED', stragglers: ['b'] });
    expect(uncaught).toMatchObject([{ code: 'PROCESSOR', node: 'b', phase: what }]);
  });
});

describe('an abort', () => {
  it('during a setup has no other one begin, and what has begun is torn down when it is there', async () => {
    const { opened, open } = gate();
    const { log, definition } = watched({ b: { setup: () => opened } });
    const pipeline = start(definition);
    pipeline.on('start', () => log.push('start'));
    await turns(5);

    pipeline.abort('enough');
    await turns(5);
    const meanwhile = [...log];
    open();

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(meanwhile).toEqual(['setup a', 'setup b']);
    expect(log).toEqual(['setup a', 'setup b', 'teardown b', 'teardown a']);
  });

  it('waits no longer for a setup than its grace, and names it', async () => {
    const clock = virtualClock();
    const { log, definition } = watched({ b: { setup: never } });
    const pipeline = start(definition, { clock, grace: 100 });
    await turns(5);
    pipeline.abort();

    await clock.advance(100);

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', stragglers: ['b'] });
    expect(log).toEqual(['setup a', 'setup b', 'teardown a']);
    expect(clock.pending).toBe(0);
  });

  it('has a setup that comes after its grace torn down, once', async () => {
    const clock = virtualClock();
    const { opened, open } = gate();
    const { log, definition } = watched({ b: { setup: () => opened } });
    const pipeline = start(definition, { clock, grace: 100 });
    await turns(5);
    pipeline.abort();
    await clock.advance(100);
    await rejectionOf(pipeline.done);

    open();
    await turns(5);

    expect(log).toEqual(['setup a', 'setup b', 'teardown a', 'teardown b']);
  });

  it('has a setup that comes while others are torn down torn down once, not twice', async () => {
    const clock = virtualClock();
    const { opened, open } = gate();
    const { log, definition } = watched({ a: { teardown: open }, b: { setup: () => opened } });
    const pipeline = start(definition, { clock, grace: 100 });
    await turns(5);
    pipeline.abort();

    await clock.advance(100);
    await rejectionOf(pipeline.done);
    await turns(5);

    expect(log.filter((line) => line === 'teardown b')).toHaveLength(1);
  });

  it('during a teardown waits no longer for it than its grace, names it, and ends once', async () => {
    const clock = virtualClock();
    const { log, definition } = watched({ c: { teardown: never } });
    const pipeline = start(definition, { clock, grace: 100 });
    let ends = 0;
    pipeline.on('end', () => ends++);
    await turns(5);
    pipeline.abort();
    const early = await stateOf(pipeline.done);

    await clock.advance(100);

    expect(early).toBe('pending');
    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', stragglers: ['c'] });
    expect(log.slice(-3)).toEqual(['teardown c', 'teardown b', 'teardown a']);
    expect(ends).toBe(1);
  });

  it('names each of several teardowns that do not return, and waits for all of them only one grace', async () => {
    const clock = virtualClock();
    const { log, definition } = watched({ b: { teardown: never }, c: { teardown: never } });
    const pipeline = start(definition, { clock, grace: 100 });
    await turns(5);
    pipeline.abort();

    await clock.advance(100);

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', stragglers: ['c', 'b'] });
    expect(log.slice(-3)).toEqual(['teardown c', 'teardown b', 'teardown a']);
  });

  it('before anything was set up tears nothing down', async () => {
    const { log, definition } = watched();
    const pipeline = start(definition);

    pipeline.abort();

    await rejectionOf(pipeline.done);
    expect(log).toEqual([]);
  });
});

describe('a stop', () => {
  it('during a setup lets all setups finish, and works off what was pushed', async () => {
    const { opened, open } = gate();
    const { log, definition } = watched({ a: { setup: () => opened } });
    const nodes = { ...definition.nodes, s: inlet() };
    const pipeline = start({ ...definition, nodes });
    const call = pipeline.call(1);
    await turns(5);

    const stopped = pipeline.stop();
    open();
    await stopped;

    expect(await call).toEqual({ c: [1] });
    expect(log).toHaveLength(9);
  });

  it('before anything was set up lets a pipeline without work end without it', async () => {
    const { log, definition } = watched();

    const summary = await start(definition).stop();

    expect(summary.nodes.s).toMatchObject({ received: 0, sent: 0 });
    expect(log.filter((line) => line.startsWith('setup'))).toHaveLength(
      log.filter((line) => line.startsWith('teardown')).length,
    );
  });
});
