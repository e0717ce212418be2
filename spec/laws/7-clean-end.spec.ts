import fc from 'fast-check';
import { createPipeline, type Definition, Plumber } from 'sluice';
import { virtualClock, withoutLeaks } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { unlessIdle } from '../support/watchdog.ts';
import { everything, type Features, graphs, runs } from './arbitrary.ts';
import { createProbe, inputsOf, type Probe, toDefinition } from './definition.ts';
import { nest } from './nesting.ts';
import { type AnyPipeline, run } from './run.ts';

describe('law 7, clean end', () => {
  it('pairs every setup that succeeded with one teardown, in reverse order and after the last call, however it ends', async () => {
    await withoutLeaks(async ({ signal }) => {
      await fc.assert(
        fc.asyncProperty(graphs(failing), endings, async (graph, ending) => {
          const probe = createProbe();
          const log: string[] = [];
          const clock = virtualClock();
          const controller = new AbortController();
          const flat = toDefinition({ ...graph, nesting: [] }, probe);
          const definition = nest(withLife(flat, ending, log), graph.nesting ?? []);
          const plumber = new Plumber(definition, { clock });
          const pipeline = plumber.createPipeline({
            inputs: inputsOf(graph, probe),
            signal: signal(controller.signal),
          });
          endAt(ending, pipeline, controller, probe, log);

          const driven = run(graph, pipeline, probe);
          await unlessIdle(Promise.allSettled([pipeline.done, driven.read, driven.fed]), () => probe.steps);
          const stepsAtEnd = probe.steps;
          await turns(5);

          expect(faultsOf(log)).toEqual([]);
          expect({ unfinished: unfinishedOf(probe), timers: clock.pending }).toEqual({
            unfinished: 0,
            timers: 0,
          });
          expect(probe.steps).toBe(stepsAtEnd);
        }),
        { numRuns: runs },
      );
    });
  });

  describe('an abort', () => {
    it('settles callers, readers and pushers at once, though a function is deaf', async () => {
      const clock = virtualClock();
      const pipeline = deaf(clock);

      // One in hand, and a full queue.
      const accepted = Promise.all(Array.from({ length: 17 }, (_, n) => pipeline.push(n)));
      const waiting = [pipeline.outputs('deaf').next(), pipeline.push('waits'), pipeline.call('waits')].map(
        rejectionOf,
      );
      await accepted;
      pipeline.abort(new Error('enough'));
      const reasons = await Promise.all(waiting);

      const aborted = expect.objectContaining({ code: 'ABORTED', cause: new Error('enough') });
      expect(reasons).toEqual([aborted, aborted, aborted]);
      expect(clock.pending).toBe(1);
    });

    it('waits for a deaf function no longer than the grace, then settles done and names the stragglers', async () => {
      const clock = virtualClock();
      const pipeline = deaf(clock, { grace: 250 });
      let isDone = false;

      void pipeline.push(1);
      await turns(3);
      pipeline.abort();
      const reason = rejectionOf(pipeline.done).finally(() => {
        isDone = true;
      });
      await clock.advance(249);
      await turns(5);
      const wasDoneBefore = isDone;
      await clock.advance(1);

      expect(await reason).toMatchObject({ code: 'ABORTED', stragglers: ['deaf'] });
      expect({ wasDoneBefore, timers: clock.pending }).toEqual({ wasDoneBefore: false, timers: 0 });
    });

    it('does not wait for the grace once the last function has returned', async () => {
      const clock = virtualClock();
      const { opened, open } = gate();
      const pipeline = createPipeline(
        { nodes: { source: () => [1], slow: () => opened }, graph: { source: ['slow'], slow: null } },
        { clock },
      );

      await turns(3);
      pipeline.abort();
      open();

      expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', stragglers: [] });
      expect(clock.pending).toBe(0);
    });

    it('tells functions through their signal, with the reason', async () => {
      const reasons: unknown[] = [];
      const pipeline = createPipeline({
        nodes: {
          source: () => [1],
          listening: (_: number, { signal }: { signal: AbortSignal }) =>
            new Promise<void>((resolve) => {
              signal.addEventListener('abort', () => {
                reasons.push(signal.reason);
                resolve();
              });
            }),
        },
        graph: { source: ['listening'], listening: null },
      });

      await turns(3);
      pipeline.abort('enough');
      await rejectionOf(pipeline.done);

      expect(reasons).toEqual([expect.objectContaining({ code: 'ABORTED', cause: 'enough' })]);
    });
  });

  it('gives up a setup and a teardown that outlast the grace, and tears down what was set up before', async () => {
    const clock = virtualClock();
    const log: string[] = [];
    const never = new Promise<never>(() => {});
    const pipeline = createPipeline(
      {
        nodes: {
          source: { run: () => [1], setup: () => log.push('set up'), teardown: () => log.push('torn down') },
          stuck: { run: (n: number) => n, setup: () => never },
        },
        graph: { source: ['stuck'], stuck: null },
      },
      { clock },
    );

    await turns(3);
    pipeline.abort();
    await turns(3);
    await clock.advance(1000);

    expect(await rejectionOf(pipeline.done)).toMatchObject({ stragglers: ['stuck'] });
    expect(log).toEqual(['set up', 'torn down']);
  });

  describe('every generator that has begun is asked to return', () => {
    const ended: Record<string, (body: () => Iterable<unknown>) => Promise<unknown>> = {
      'when its pipeline is stopped by its own item': async (body) => {
        const pipeline: AnyPipeline = createPipeline({
          nodes: { source: body, sink: () => void pipeline.stop() },
          graph: { source: ['sink'], sink: null },
        } as Definition);
        await pipeline.done;
      },
      'when nobody takes from it any more': async (body) => {
        const pipeline = createPipeline({
          nodes: { source: body, short: () => [1], join: (row: object) => row },
          graph: { source: [{ to: 'join', queueSize: 1 }], short: ['join'], join: null },
        } as Definition);
        await pipeline.done;
      },
      'when it unrolls in a sink whose reader does not read, and is aborted': async (body) => {
        const pipeline = createPipeline({
          nodes: { source: () => [1], sink: { run: body, many: true, queueSize: 1 } },
          graph: { source: ['sink'], sink: null },
        } as Definition);
        const reader = pipeline.outputs('sink');
        await reader.next();
        await turns(2);
        pipeline.abort();
        await rejectionOf(pipeline.done);
      },
      'when the loop over the outputs is left': async (body) => {
        const pipeline = createPipeline({
          nodes: { source: body, sink: (n: number) => n },
          graph: { source: ['sink'], sink: null },
        } as Definition);
        for await (const _ of pipeline) break;
        await pipeline.done;
      },
      'when another node fails': async (body) => {
        const fail = (): never => {
          throw new Error('failed');
        };
        const pipeline = createPipeline({
          nodes: { source: body, failing: fail },
          graph: { source: ['failing'], failing: null },
        } as Definition);
        await rejectionOf(pipeline.done);
      },
      'when an item of it is a promise that rejects': async (body) => {
        const pipeline = createPipeline({
          nodes: {
            source: () => [1],
            many: {
              *run() {
                yield* body();
              },
              onError: 'skip',
            },
            cut: (row: object) => row,
            short: () => [1, 2],
          },
          graph: { source: ['many'], many: ['cut'], short: ['cut'], cut: null },
        } as Definition);
        await pipeline.done;
      },
    };

    it.each(Object.keys(ended))('%s', async (when) => {
      let begun = 0;
      let returned = 0;
      await ended[when]?.(function* () {
        begun++;
        try {
          for (let n = 1; ; n++)
            yield when.includes('rejects') && n === 2 ? Promise.reject(new Error('item')) : n;
        } finally {
          returned++;
        }
      });

      expect({ begun, returned }).toEqual({ begun: 1, returned: 1 });
    });

    it.each(Object.keys(ended).filter((when) => !when.includes('rejects')))(
      '%s, also an asynchronous one',
      async (when) => {
        let begun = 0;
        let returned = 0;
        await ended[when]?.(async function* () {
          begun++;
          try {
            for (let n = 1; ; n++) yield n;
          } finally {
            returned++;
          }
        } as unknown as () => Iterable<unknown>);

        expect({ begun, returned }).toEqual({ begun: 1, returned: 1 });
      },
    );

    it('when it stops the pipeline while it is asked for its next item', async () => {
      let returned = 0;
      const pipeline: AnyPipeline = createPipeline({
        nodes: {
          async *source() {
            try {
              yield 1;
              void pipeline.stop();
              yield 2;
              yield 3;
            } finally {
              returned++;
            }
          },
          sink: (n: number) => n,
        },
        graph: { source: ['sink'], sink: null },
      } as Definition);

      const { nodes } = await pipeline.done;

      expect(returned).toBe(1);
      expect(nodes.source?.sent).toBeLessThanOrEqual(2);
    });
  });
});

const failing: Features = {
  ...everything,
  onError: 'fail',
  outcomes: [...Array(15).fill('pass' as const), 'throw', 'skip'],
};

interface Ending {
  readonly how: 'done' | 'stop' | 'stop within' | 'abort' | 'signal' | 'dispose';
  /** How many calls, setups and teardowns are made first. */
  readonly moment: number;
  readonly failingSetup: number | undefined;
  readonly failingTeardown: number | undefined;
}

const sometimes = fc.option(fc.nat(9), { nil: undefined, freq: 2 });
const endings: fc.Arbitrary<Ending> = fc.record({
  how: fc.constantFrom('done', 'stop', 'stop within', 'abort', 'signal', 'dispose'),
  moment: fc.nat(60),
  failingSetup: sometimes,
  failingTeardown: sometimes,
});

function endAt(
  ending: Ending,
  pipeline: AnyPipeline,
  controller: AbortController,
  probe: Probe,
  log: string[],
): void {
  const end = (): void => {
    if (ending.how === 'stop') void pipeline.stop().catch(() => {});
    if (ending.how === 'stop within') void pipeline.stop({ within: 100 }).catch(() => {});
    if (ending.how === 'dispose') void pipeline[Symbol.asyncDispose]().catch(() => {});
    if (ending.how === 'abort') pipeline.abort();
    if (ending.how === 'signal') controller.abort('the end');
  };
  let moment = 0;
  probe.onCall = (name) => {
    log.push(`call ${name}`);
    if (moment++ === ending.moment) end();
  };
}

/** Gives every node a setup and a teardown that are logged. */
function withLife({ nodes, graph }: Definition, ending: Ending, log: string[]): Definition {
  const life = (name: string, what: string, fails: boolean) => async () => {
    log.push(`${what} ${name}`);
    await undefined;
    if (fails) throw new Error(`${what} of ${name}`);
    log.push(`${what} ${name} done`);
  };
  const alive = Object.entries(nodes).map(([name, spec], index) => {
    if (typeof spec === 'object' && 'inlet' in spec) return [name, spec];
    const setup = life(name, 'setup', index === ending.failingSetup);
    const teardown = life(name, 'teardown', index === ending.failingTeardown);
    return [name, { ...(typeof spec === 'function' ? { run: spec } : (spec as object)), setup, teardown }];
  });
  return { nodes: Object.fromEntries(alive), graph };
}

function faultsOf(log: readonly string[]): string[] {
  const namesOf = (what: string, end = ''): string[] =>
    log
      .filter((line) => line.startsWith(`${what} `) && line.endsWith(end))
      .map((line) => line.split(' ')[1] as string);
  const succeeded = namesOf('setup', ' done');
  const tornDown = log
    .filter((line) => /^teardown \w+$/.test(line))
    .map((line) => line.split(' ')[1] as string);
  const faults: string[] = [];
  if (succeeded.toReversed().join() !== tornDown.join())
    faults.push(`set up ${succeeded}, torn down ${tornDown}`);
  for (const name of tornDown) {
    if (log.lastIndexOf(`call ${name}`) > log.indexOf(`teardown ${name}`))
      faults.push(`${name} called after its teardown`);
  }
  return faults;
}

function unfinishedOf({ tallies }: Probe): number {
  return [...tallies.values()].reduce((sum, { unfinished }) => sum + unfinished, 0);
}

function deaf(clock: ReturnType<typeof virtualClock>, options: { grace?: number } = {}): AnyPipeline {
  const plumber = new Plumber(
    {
      nodes: { inlet: { inlet: true }, deaf: () => new Promise(() => {}) },
      graph: { inlet: ['deaf'], deaf: null },
    } as Definition,
    { clock },
  );
  return plumber.createPipeline(options);
}
