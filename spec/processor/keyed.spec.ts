import { type Definition, inlet, type NodeObject, type Pipeline, Plumber, type ProcessorError } from 'sluice';
import { describe, expect, it } from 'vitest';
import { Keyed } from '../../lib/processor/keyed.ts';
import { type Claim, Slot } from '../../lib/processor/slot.ts';
import { collect, pass, start, stateOf } from '../pipeline/pipelines.ts';
import { type Gate, gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';

/** Words whose first letter is their key; each is worked on until its gate is opened, unless it has none. */
function bench(words: readonly string[], options: Partial<NodeObject> = {}) {
  const gates = new Map<string, Gate>(words.map((word) => [word, gate()]));
  const begun: string[] = [];
  const work = async (word: string): Promise<string> => {
    begun.push(word);
    await gates.get(word)?.opened;
    return word;
  };
  const node = { run: work, keyBy: firstLetter, concurrency: 2, ...options };
  return {
    begun,
    node,
    definition: {
      nodes: { s: () => words, node, sink: pass },
      graph: { s: ['node'], node: ['sink'] },
    } as Definition,
    open: async (...names: string[]) => {
      for (const name of names) gates.get(name)?.open();
      await turns(5);
    },
    openAll: () => {
      for (const { open } of gates.values()) open();
    },
  };
}

const firstLetter = (word: string): string => word.slice(0, 1);

describe('keyBy', () => {
  it('never has two calls of one key at once, and passes by those that wait', async () => {
    const { definition, begun, open, openAll } = bench(['a1', 'a2', 'a3', 'b1', 'c1']);
    const outputs = collect(start(definition));
    await turns(5);
    const atFirst = [...begun];

    await open('b1');
    const withoutB = [...begun];
    await open('a1');
    const withoutA = [...begun];
    openAll();

    expect([atFirst, withoutB, withoutA]).toEqual([
      ['a1', 'b1'],
      ['a1', 'b1', 'c1'],
      ['a1', 'b1', 'c1', 'a2'],
    ]);
    expect(await outputs).toEqual(['a1', 'a2', 'a3', 'b1', 'c1']);
  });

  it('lets its outputs leave as calls settle under order completion, each key in order', async () => {
    const words = ['a1', 'a2', 'b1', 'b2', 'c1'];
    const { definition, open, openAll } = bench(words, { order: 'completion' });
    const outputs = collect(start(definition));
    await turns(5);

    await open('b1', 'b2');
    openAll();

    expect(await outputs).toEqual(['b1', 'b2', 'a1', 'c1', 'a2']);
  });

  it('has what has waited longest begin first', async () => {
    const words = ['a1', 'b1', 'a2', 'c1', 'd1'];
    const { definition, begun, open, openAll } = bench(words);
    const outputs = collect(start(definition));
    await turns(5);

    await open('a1');
    openAll();
    await outputs;

    expect(begun).toEqual(['a1', 'b1', 'a2', 'c1', 'd1']);
  });

  it('looks no further than queueSize messages, and describe() counts them', async () => {
    const words = ['a1', 'a2', 'a3', 'a4', 'b1', ...Array.from({ length: 9 }, (_, n) => `z${n}`)];
    const { definition, begun, openAll } = bench(words, { queueSize: 2 });
    const pipeline = start(definition);
    const outputs = collect(pipeline);
    await turns(10);

    // One is worked on and waits with three more in line, two are queued, and one is at the door.
    expect(begun).toEqual(['a1']);
    expect(pipeline.metrics()).toMatchObject({
      nodes: { s: { sent: 7 }, node: { received: 4, inFlight: 4 } },
    });
    openAll();
    expect(await outputs).toEqual(words);
    const plain = { ...definition.nodes, node: { run: pass, concurrency: 2, queueSize: 2 } };
    const bound = (nodes: Definition['nodes']) =>
      Number(new Plumber({ ...definition, nodes }).describe().maxMessages);
    expect(bound(definition.nodes) - bound(plain)).toBe(2 * 2);
  });

  it.for([
    ['NaN', [Number.NaN, Number.NaN]],
    ['both zeros', [0, -0]],
    ['undefined', [undefined, undefined]],
    ['one object', Array(2).fill({})],
  ] as const)('takes two keys for the same that are the same to a Map: %s', async ([, keys]) => {
    const { definition, begun, openAll } = bench(['0', '1'], { keyBy: (word: string) => keys[Number(word)] });
    const outputs = collect(start(definition));
    await turns(5);
    const before = [...begun];
    openAll();

    expect(before).toEqual(['0']);
    expect(await outputs).toEqual(['0', '1']);
  });

  it('is given what the function is given, and the message: at a join, the row', async () => {
    const seen: unknown[] = [];
    const keyBy = (input: unknown, message: { payload: unknown; parents: readonly string[] }): number =>
      seen.push([input, message.payload === input, message.parents.length]);
    const pipeline = start({
      nodes: { s: () => [1], a: pass, b: pass, join: { run: pass, keyBy }, single: { run: pass, keyBy } },
      graph: { s: ['a', 'b'], a: ['join'], b: ['join'], join: ['single'] },
    } as Definition);
    await pipeline.done;

    const row = { a: 1, b: 1 };
    expect(seen).toEqual([
      [row, true, 2],
      [row, true, 2],
    ]);
  });

  it('is looked up in the registry, and keeps the object it is a method of', async () => {
    const begun: unknown[] = [];
    class Orders {
      readonly prefix = 'k';
      run(n: number): void {
        begun.push(n);
      }
      keyBy(n: number): string {
        begun.push(`${this.prefix}${n}`);
        return this.prefix;
      }
    }
    const orders = new Orders();
    await start({ nodes: { s: () => [1], orders }, graph: { s: ['orders'] } } as Definition).done;
    await start(
      {
        nodes: { s: () => [2], orders: { run: 'work', keyBy: 'key' } },
        graph: { s: ['orders'] },
      } as Definition,
      { registry: { work: () => {}, key: (n: number) => void begun.push(n) } },
    ).done;

    expect(begun).toEqual(['k1', 1, 2]);
  });

  it('holds the key of a node that sends many until all is sent', async () => {
    const log: string[] = [];
    const run = async function* (word: string): AsyncGenerator<string> {
      for (const part of [1, 2]) {
        log.push(`${word}.${part}`);
        yield `${word}.${part}`;
      }
    };
    const { definition } = bench(['a1', 'a2', 'b1'], { run });

    expect(await collect(start(definition))).toEqual(['a1.1', 'a1.2', 'a2.1', 'a2.2', 'b1.1', 'b1.2']);
    expect(log.filter((call) => call.startsWith('a'))).toEqual(['a1.1', 'a1.2', 'a2.1', 'a2.2']);
  });

  it('is held between two items of a node that sends many', async () => {
    const { opened, open } = gate();
    const begun: string[] = [];
    const run = async function* (word: string): AsyncGenerator<string> {
      begun.push(word);
      yield `${word}.1`;
      await opened;
      yield `${word}.2`;
    };
    const { definition } = bench(['a1', 'a2', 'b1'], { run, order: 'completion' });
    const outputs = collect(start(definition));
    await turns(5);
    const before = [...begun];

    open();

    expect(before).toEqual(['a1', 'b1']);
    expect(await outputs).toHaveLength(6);
  });

  it('is let go by a call of a node that sends many that has nothing to send', async () => {
    const run = (word: string): string[] | null => (word.endsWith('1') ? [word] : null);
    const { definition } = bench(['a1', 'a2', 'a3', 'a1'], { run, many: true, concurrency: 1 });

    expect(await collect(start(definition))).toEqual(['a1', 'a1']);
  });

  const noKeys: readonly (readonly [string, () => unknown])[] = [
    ['throws', () => expect.fail('no key')],
    ['returns a promise', async () => 'a'],
  ];
  it.for(noKeys)('that %s has the message fail, and no other', async ([, bad]) => {
    const keyBy = (word: string): unknown => (word === 'bad' ? bad() : word);
    const pipeline = start({
      nodes: { i: inlet(), node: { run: pass, keyBy, concurrency: 2 } },
      graph: { i: ['node'] },
    } as Definition);

    const [one, two, three] = ['x', 'bad', 'y'].map((word) => pipeline.call(word));

    const error = (await rejectionOf(two as Promise<unknown>)) as ProcessorError;
    expect(error).toMatchObject({
      code: 'PROCESSOR',
      node: 'node',
      phase: 'keyBy',
      input: { payload: 'bad' },
    });
    expect(await Promise.all([one, three])).toEqual([{ node: ['x'] }, { node: ['y'] }]);
    expect((await pipeline.stop()).nodes.node).toMatchObject({ received: 3, processed: 2, failed: 1 });
  });

  it('frees the key of a call that failed', async () => {
    const { definition } = bench(['a1', 'a2', 'b1'], {
      run: (word: string) => (word === 'a1' ? Promise.reject(new Error('no')) : word),
      onError: 'skip',
    });

    expect(await collect(start(definition))).toEqual(['a2', 'b1']);
  });

  it('keeps rows aligned: holes pass in order', async () => {
    const odd = (n: number): number | null => (n % 2 === 1 ? n : null);
    const keyBy = (n: number): number => n % 3;
    const slow = async (n: number): Promise<number | null> => {
      await turns(n % 4);
      return n % 5 === 0 ? null : n;
    };
    const pipeline = start({
      nodes: {
        s: () => Array(30).keys(),
        odd,
        node: { run: slow, keyBy, concurrency: 3 },
        join: (row: object) => row,
      },
      graph: { s: ['odd', 'join'], odd: ['node'], node: ['join'] },
    } as Definition);

    const kept = [...Array(30).keys()].filter((n) => n % 2 === 1 && n % 5 !== 0);
    expect(await collect(pipeline)).toEqual(kept.map((n) => ({ s: n, node: n })));
  });
});

describe('what waits for its key', () => {
  const busy = () => {
    const words = ['a1', 'a2', 'a3', 'a4'];
    const { node, openAll, begun, open } = bench(words);
    const pipeline = start({ nodes: { i: inlet(), node }, graph: { i: ['node'] } } as Definition);
    return { pipeline, words, openAll, begun, open };
  };

  it('is let go when its caller is gone, and counted', async () => {
    const { pipeline, begun, openAll } = busy();
    const controller = new AbortController();
    const first = pipeline.call('a1');
    const gone = pipeline.call('a2', { signal: controller.signal });
    const next = pipeline.call('a3');
    await turns(5);

    controller.abort();
    await rejectionOf(gone);
    openAll();

    expect(await Promise.all([first, next])).toEqual([{ node: ['a1'] }, { node: ['a3'] }]);
    expect(begun).toEqual(['a1', 'a3']);
    expect((await pipeline.stop()).nodes.node).toMatchObject({ received: 3, processed: 2, discarded: 1 });
  });

  it.each(['input', 'completion'] as const)(
    'has no place any more when its caller is gone, under order %s: another key is worked on',
    async (order) => {
      const { opened, open } = gate();
      const run = (word: string) => (word === 'a1' ? opened.then(() => word) : word);
      const pipeline = start({
        nodes: {
          i: inlet(),
          node: { run, keyBy: firstLetter, concurrency: 2, queueSize: 3, order },
          join: { run: pass, aggregateInputs: order === 'completion' ? false : 'partial', queueSize: 64 },
        },
        graph: { i: ['node', { to: 'join', queueSize: 64 }], node: ['join'] },
      } as Definition);
      const controller = new AbortController();
      const first = pipeline.call('a1');
      const gone = ['a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8'].map((word) =>
        rejectionOf(pipeline.call(word, { signal: controller.signal })),
      );
      await turns(5);
      controller.abort();
      await Promise.all(gone);

      const others = ['b1', 'a9', 'c1'].map((word) => pipeline.call(word));
      await turns(10);
      const { processed } = pipeline.metrics().nodes.node ?? { processed: -1 };
      open();

      expect(processed).toBe(2);
      const answers = await Promise.all([first, ...others]);
      const words = ['a1', 'b1', 'a9', 'c1'];
      if (order === 'input')
        expect(answers).toEqual(words.map((word) => ({ join: [{ i: word, node: word }] })));
      else expect(answers).toEqual(words.map((word) => ({ join: [word, word] })));
      const { nodes } = await pipeline.stop();
      expect(nodes.node).toMatchObject({ processed: 4, inFlight: 0, sent: 4 });
    },
  );

  it('has no place any more when its caller is gone, though its key was free and only others were in its way', async () => {
    const { node, begun, open, openAll } = bench(['a1', 'c1'], { queueSize: 3 });
    const pipeline = start({ nodes: { i: inlet(), node }, graph: { i: ['node'] } } as Definition);
    const controller = new AbortController();
    const callAndLeave = (word: string) => rejectionOf(pipeline.call(word, { signal: controller.signal }));
    const running = ['a1', 'c1'].map((word) => pipeline.call(word));
    const gone = callAndLeave('b1');
    const behindIt = pipeline.call('b2');
    const goneToo = callAndLeave('d1');
    const next = pipeline.call('e1');
    await turns(5);

    controller.abort();
    await Promise.all([gone, goneToo]);
    await turns(5);
    const taken = pipeline.metrics().nodes.node?.received;
    await open('c1');
    const afterC = [...begun];
    openAll();

    expect(taken).toBe(6);
    expect(afterC).toEqual(['a1', 'c1', 'b2', 'e1']);
    expect(await Promise.all([...running, behindIt, next])).toEqual(
      ['a1', 'c1', 'b2', 'e1'].map((word) => ({ node: [word] })),
    );
    expect((await pipeline.stop()).nodes.node).toMatchObject({ received: 6, processed: 4, discarded: 2 });
  });

  it('waits for a function that runs, though its caller is gone', async () => {
    const { node, begun, open, openAll } = bench(['a1', 'c1'], { queueSize: 3 });
    const pipeline = start({ nodes: { i: inlet(), node }, graph: { i: ['node'] } } as Definition);
    const controller = new AbortController();
    const callAndLeave = (word: string) => rejectionOf(pipeline.call(word, { signal: controller.signal }));
    const gone = [callAndLeave('a1')];
    const running = pipeline.call('c1');
    gone.push(callAndLeave('a2'));
    const waiting = pipeline.call('a3');
    gone.push(callAndLeave('d1'));
    await turns(5);

    controller.abort();
    await Promise.all(gone);
    await turns(5);
    const whileA1Runs = [...begun];
    await open('a1');
    const withoutA1 = [...begun];
    openAll();

    expect(whileA1Runs).toEqual(['a1', 'c1']);
    expect(withoutA1).toEqual(['a1', 'c1', 'a3']);
    expect(await Promise.all([running, waiting])).toEqual([{ node: ['c1'] }, { node: ['a3'] }]);
    expect((await pipeline.stop()).nodes.node).toMatchObject({ received: 5, discarded: 2, inFlight: 0 });
  });

  it('leaves its row, and those that were empty behind it, when its caller is gone', async () => {
    const { opened, open } = gate();
    const run = (word: string) => (word === 'a1' ? opened.then(() => word) : word);
    const pipeline = start({
      nodes: {
        i: inlet(),
        few: (word: string) => (word.startsWith('-') ? null : word),
        node: { run, keyBy: firstLetter, concurrency: 2, queueSize: 5 },
        join: { run: pass, aggregateInputs: 'partial', queueSize: 64 },
      },
      graph: { i: ['few', { to: 'join', queueSize: 64 }], few: ['node'], node: ['join'] },
    } as Definition);
    const controller = new AbortController();
    const words = ['a1', 'a2', '-', '-', 'ax', 'a3', '-', 'ay', 'a4', '-', 'a5', 'b1', '-', 'b2'];
    const calls = words.map((word) =>
      /^a[2-9]/.test(word)
        ? rejectionOf(pipeline.call(word, { signal: controller.signal })).then(() => 'gone')
        : pipeline.call(word).then(({ join }) => join),
    );
    await turns(5);

    controller.abort();
    await turns(5);
    const { processed } = pipeline.metrics().nodes.node ?? {};
    open();

    expect(processed).toBe(2);
    const row = (word: string) => [{ i: word, node: word }];
    const alone = [{ i: '-' }];
    expect(await Promise.all(calls)).toEqual([
      ...[row('a1'), 'gone', alone, alone, row('ax'), 'gone', alone, row('ay'), 'gone', alone, 'gone'],
      ...[row('b1'), alone, row('b2')],
    ]);
    await pipeline.stop();
  });

  it('is worked off when the pipeline is stopped', async () => {
    const { pipeline, words, begun, openAll } = busy();
    const calls = words.map((word) => pipeline.call(word));
    await turns(5);

    const stopped = pipeline.stop();
    openAll();

    expect((await stopped).nodes.node).toMatchObject({
      received: 4,
      processed: 4,
      discarded: 0,
      inFlight: 0,
    });
    await Promise.all(calls);
    expect(begun).toEqual(words);
  });

  it('is begun though others that give many hold all places, once its key is free: they wait for it to send first', async () => {
    const refused = { '~standard': { version: 1, vendor: 'spec', validate: only(2) } } as const;
    const pipeline = start({
      nodes: {
        s: () => [0, 1, 2, 3],
        // What is refused is asked to return, which takes a moment: so long its key is held.
        node: {
          async *run(input: number) {
            yield input;
          },
          keyBy: (input: number) => input === 2,
          output: refused,
          onError: 'skip',
        },
      },
      graph: { s: ['node'] },
    } as Definition);

    expect(await collect(pipeline)).toEqual([2]);
    expect(pipeline.metrics().nodes.node).toMatchObject({ failed: 3, processed: 1, inFlight: 0 });
  });

  it('is let go when the pipeline is aborted, counted, and told to its caller', async () => {
    const { pipeline, words, begun, open } = busy();
    const calls = words.map((word) => rejectionOf(pipeline.call(word)));
    await turns(5);

    pipeline.abort();
    const reasons = await Promise.all(calls);
    await open('a1');

    expect(reasons).toEqual(words.map(() => expect.objectContaining({ code: 'ABORTED' })));
    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', stragglers: [] });
    expect(pipeline.metrics()).toMatchObject({
      left: 4,
      nodes: { node: { received: 4, processed: 1, discarded: 3, inFlight: 0 } },
    });
    expect(begun).toEqual(['a1']);
  });

  it('is let go when the pipeline is aborted by the function that makes the key', async () => {
    for (const answer of [() => 'a', () => expect.fail('no')]) {
      const pipeline: Pipeline = start({
        nodes: {
          s: () => ['x', 'y'],
          node: {
            run: pass,
            keyBy: (): unknown => {
              pipeline.abort();
              return answer();
            },
          },
        },
        graph: { s: ['node'] },
      } as Definition);

      expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', stragglers: [] });
      const { received, failed, discarded, inFlight } = pipeline.metrics().nodes.node ?? {};
      expect([received, (failed ?? 0) + (discarded ?? 0), inFlight]).toEqual([1, 1, 0]);
    }
  });

  it('is let go when no successor takes any more, and the node ends', async () => {
    const { node, open, openAll, begun } = bench(['a1', 'a2', 'a3']);
    const pipeline = start({
      nodes: { s: () => ['a1', 'a2', 'a3'], node, short: inlet(), join: pass },
      graph: { s: ['node'], node: ['join'], short: ['join'] },
    } as Definition);
    await turns(5);

    pipeline.inlet('short').close();
    await open('a1');

    expect(await stateOf(pipeline.done)).toBe('resolved');
    expect((await pipeline.done).nodes.node).toMatchObject({ received: 3, processed: 1, discarded: 2 });
    expect(begun).toEqual(['a1']);
    openAll();
  });
});

describe('the keys of a node', () => {
  /** Two calls with one key, the first of which has begun. */
  const inUse = () => {
    const keyed = new Keyed(firstLetter, 1);
    const [first, second] = ['a1', 'a2'].map((word) => {
      const slot = new Slot({ resolved: pass, rejected: pass, tookLong: pass, isWatched: false });
      keyed.claim(slot, firstLetter(word));
      return slot;
    }) as [Slot, Slot];
    keyed.next();
    const outlive = () => {
      const { opened, open } = gate();
      keyed.outlived(first.claim as Claim, opened, () => {});
      return open;
    };
    return { keyed, first, second, outlive };
  };

  it('are held until every function that was given up has returned', async () => {
    const { keyed, first, second, outlive } = inUse();
    const [open, openLast] = [outlive(), outlive()];
    keyed.settled(first);
    open();
    await turns(1);
    const whileOneRuns = keyed.isReady;
    openLast();
    await turns(1);

    expect([whileOneRuns, keyed.isReady, keyed.isNext(second)]).toEqual([false, true, true]);
  });

  it('hold somebody up only where somebody waits for what was given up', () => {
    const { keyed, second, outlive } = inUse();
    outlive();
    const whileWaitedFor = keyed.isHeldUp;

    keyed.withdraw(second.claim as Claim);

    expect([whileWaitedFor, keyed.isHeldUp]).toEqual([true, false]);
  });

  it('are waited for by nobody once they are cleared', () => {
    const { keyed, first, outlive } = inUse();
    outlive();
    keyed.claim(new Slot({ resolved: pass, rejected: pass, tookLong: pass, isWatched: false }), 'b');

    keyed.clear();
    keyed.settled(first);

    expect([keyed.isReady, keyed.isHeldUp]).toEqual([false, false]);
  });
});

function only(wanted: number): (value: unknown) => { value: unknown } | { issues: { message: string }[] } {
  return (value) => (value === wanted ? { value } : { issues: [{ message: 'another one' }] });
}
