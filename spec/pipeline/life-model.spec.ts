import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPipeline, inlet, type Pipeline } from '../../lib/index.ts';
import { type Kind, LifeModel } from './life-model.ts';

const turn = (): Promise<void> => new Promise(setImmediate);

class Real {
  pipeline!: Pipeline<{ word: string }, { out: string }>;
  done!: Promise<unknown>;
  setups = 0;
  teardowns = 0;
  ends = 0;
  readonly handed: Promise<unknown>[] = [];
  readonly stops: Promise<unknown>[] = [];
  readonly readers: { readonly values: string[]; readonly over: Promise<unknown>; leave(): void }[] = [];

  create(turns: number): void {
    this.pipeline = createPipeline({
      nodes: {
        word: inlet<string>(),
        out: {
          run: async (word: string) => {
            for (let i = 0; i < turns; i++) await turn();
            if (word.startsWith('fail')) throw new Error(word);
            return word.startsWith('skip') ? null : `${word}!`;
          },
          queueSize: 2,
          setup: () => {
            this.setups++;
          },
          teardown: () => {
            this.teardowns++;
          },
        },
      },
      graph: { word: ['out'] },
    });
    this.done = this.pipeline.done;
    this.done.catch(() => {});
  }

  read(): void {
    const values: string[] = [];
    const outputs = this.pipeline.outputs('out');
    const follow = async (): Promise<void> => {
      for await (const value of outputs) values.push(value);
    };
    // What a reader is told of a failure is checked elsewhere.
    this.readers.push({ values, over: follow().catch(() => {}), leave: () => void outputs.return?.() });
  }
}

type Command = fc.AsyncCommand<LifeModel, Real, false>;

function command(name: string, run: (model: LifeModel, real: Real) => void | Promise<void>): Command {
  return {
    check: ({ isCreated }) => isCreated === (name !== 'create'),
    run: async (model, real) => run(model, real),
    toString: () => name,
  };
}

const create = (turns: number): Command =>
  command('create', (model, real) => {
    model.isCreated = true;
    real.create(turns);
  });

const hand = (how: 'push' | 'call', kind: Kind): Command =>
  command(`${how} ${kind}`, (model, { pipeline, handed }) => {
    const promise: Promise<unknown> = pipeline[how](model.hand(kind, how));
    promise.catch(() => {});
    handed.push(promise);
  });

const end = (how: 'close' | 'stop' | 'dispose' | 'abort'): Command =>
  command(how, (model, { pipeline, stops }) => {
    model.isOpen = false;
    if (how === 'abort') model.isAborted = true;
    if (how === 'close') pipeline.close();
    else if (how === 'abort') pipeline.abort();
    else stops.push(how === 'stop' ? pipeline.stop() : pipeline[Symbol.asyncDispose]());
    for (const stop of stops) stop.catch(() => {});
  });

const listen = command('listen', (model, real) => {
  if (model.isOpen && !model.mayBeCut) model.listeners++;
  else return;
  real.pipeline.on('end', () => {
    real.ends++;
  });
});

const read = command('read', (model, real) => {
  model.readers.push({ from: model.handed.length, hasLeft: false });
  real.read();
});

const leave = (which: number): Command =>
  command('leave', (model, real) => {
    const place = which % (model.readers.length || 1);
    const reader = model.readers[place];
    if (reader === undefined) return;
    reader.hasLeft = true;
    real.readers[place]?.leave();
  });

const wait = (turns: number): Command =>
  command('wait', async () => {
    for (let i = 0; i < turns; i++) await turn();
  });

const handing = fc
  .tuple(
    fc.constantFrom('push' as const, 'call' as const),
    fc.constantFrom<Kind>('value', 'value', 'skip', 'fail'),
  )
  .map(([how, kind]) => hand(how, kind));

const commands = fc.commands<LifeModel, Real, false>(
  [
    fc.nat(2).map(create),
    handing,
    handing,
    handing,
    fc.constant(listen),
    fc.constant(read),
    fc.nat().map(leave),
    fc.nat(3).map(wait),
    fc.constantFrom('close' as const, 'stop' as const, 'dispose' as const, 'abort' as const).map(end),
  ],
  { size: '+1' },
);

describe("a pipeline's life", () => {
  it('goes as a model without time has it, whatever is asked of it, in any order and overlap', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (asked) => {
        const model = new LifeModel();
        const real = new Real();
        await fc.asyncModelRun(() => ({ model, real }), asked);
        if (!model.isCreated) return;
        await real.pipeline.stop().catch(() => {});
        const [done, ...stops] = await Promise.allSettled([real.done, ...real.stops]);
        model.checkHanded(await Promise.allSettled(real.handed));
        model.checkDone(done as PromiseSettledResult<unknown>);
        await Promise.all(real.readers.map(({ over }) => over));
        model.checkRead(real.readers.map(({ values }) => values));
        expect(real.teardowns).toBe(real.setups);
        expect(real.ends).toBe(model.listeners);
        for (const stop of stops) if (!model.mayFail) expect(stop.status).toBe('fulfilled');
      }),
    );
  });
});
