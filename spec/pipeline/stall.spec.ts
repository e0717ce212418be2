import { createPipeline, type Definition, SluiceError, type StallError } from 'sluice';
import { virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import type { EdgePlan, NodePlan } from '../../lib/graph/plan.ts';
import { Pipeline } from '../../lib/pipeline/pipeline.ts';
import { PipelineRun } from '../../lib/pipeline/run.ts';
import { planOf, withTraits } from '../graph/problems.ts';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';
import { stateOf } from './pipelines.ts';

/** A pipeline of a plan that the check would have refused. */
function unsound(nodes: object, graph: object, change: (node: NodePlan) => NodePlan): Pipeline {
  const sound = planOf({ nodes, graph, defaults: { queueSize: 1 } });
  const changed = sound.nodes.map(change).map(withTraits);
  const letters = changed.map(({ deadLetterTo }) => deadLetterTo);
  const edges = sound.edges.map((edge) => letters.find((letter) => letter?.index === edge.index) ?? edge);
  return new Pipeline(new PipelineRun({ ...sound, nodes: changed, edges }, {}, {}));
}

/** The node of this name gives many, or nothing, and says so to nobody. */
const secretlyMany =
  (name: string) =>
  (node: NodePlan): NodePlan =>
    node.name === name ? { ...node, many: true } : node;

/** The last edge of this node is one for its dead letters. */
const withLetters =
  (name: string) =>
  (node: NodePlan): NodePlan => {
    if (node.name !== name) return node;
    const deadLetterTo: EdgePlan = { ...(node.outputs.at(-1) as EdgePlan), isDeadLetter: true };
    const outputs = node.outputs.slice(0, -1);
    return { ...node, outputs, deadLetterTo, onError: 'dead-letter', canDeadLetter: true };
  };

/** The first node of the branch gives nothing. */
const unpairable = (nodes: object, graph: object): Pipeline => unsound(nodes, graph, secretlyMany('a'));

const numbers = function* (): Generator<number> {
  for (let n = 0; ; n++) yield n;
};
const graph = { src: ['a', 'b'], a: ['join'], b: ['join'] };
const nodes = {
  src: numbers,
  a: (_: number) => [] as number[],
  b: (n: number) => n,
  join: (row: object) => row,
};

describe('a pipeline in which nodes wait for each other in a circle', () => {
  it('fails with the circle', async () => {
    const error = (await rejectionOf(unpairable(nodes, graph).done)) as StallError;

    expect(SluiceError.is(error) && error.code).toBe('STALL');
    expect(error.message).toContain(
      'src waits: src -> b is full (1/1); b waits: b -> join is full (1/1); join waits: a -> join is empty; ' +
        'a waits: src -> a is empty',
    );
  });

  it('fails with it as an unhandled rejection where nobody looks', async () => {
    const unhandled = await unhandledDuring(async () => {
      unpairable(nodes, graph);
      await turns(20);
    });

    expect(unhandled).toMatchObject([{ code: 'STALL' }]);
  });

  describe('that leads by way of the queue of a dead-letter node', () => {
    const lettered = { src: ['a', 'b'], a: ['out', 'letters'], letters: ['join'], b: ['join'] };
    const out = (): void => {};
    const letters = (value: unknown): unknown => value;

    it('fails with the circle, where that queue is empty', async () => {
      const pipeline = unsound({ ...nodes, a: () => 1, out, letters }, lettered, withLetters('a'));

      const error = (await rejectionOf(pipeline.done)) as StallError;

      expect(error.code).toBe('STALL');
      expect(error.message).toContain(
        'src waits: src -> b is full (1/1); b waits: b -> join is full (1/1); join waits: letters -> join is empty; ' +
          'letters waits: a -> letters is empty; a waits: src -> a is empty',
      );
    });

    it('fails with the circle, where that queue is full', async () => {
      const a = (): never => {
        throw new Error('no');
      };
      const silent = (node: NodePlan): NodePlan => secretlyMany('b')(withLetters('a')(node));
      const pipeline = unsound({ ...nodes, a, b: () => [], out, letters }, lettered, silent);

      const error = (await rejectionOf(pipeline.done)) as StallError;

      expect(error.code).toBe('STALL');
      expect(error.message).toContain(
        'src waits: src -> a is full (1/1); a waits: a -> letters is full (1/1); ' +
          'letters waits: letters -> join is full (1/1); join waits: b -> join is empty; b waits: src -> b is empty',
      );
    });

    it('is not told of it while somebody reads dead letters slowly', async () => {
      const a = (): never => {
        throw new Error('no');
      };
      const pipeline = unsound({ ...nodes, a, b: () => 1, out, letters }, lettered, withLetters('a'));
      const read = pipeline.deadLetters();
      await read.next();
      await turns(20);

      expect(pipeline.explain().nodes.a?.waits).toMatchObject([
        { for: 'room', to: 'reader of dead letters' },
      ]);
      expect(await stateOf(pipeline.done)).toBe('pending');
      pipeline.abort();
    });
  });

  it('tells those who read, and those who wait for a source that emits', async () => {
    const src = async ({ emit }: { emit(n: number): Promise<void> }) => {
      for (let n = 0; ; n++) await emit(n);
    };
    const pipeline = unpairable({ ...nodes, src }, graph);

    const read = async (): Promise<void> => {
      for await (const _ of pipeline) expect.unreachable();
    };

    expect(await rejectionOf(read())).toMatchObject({ code: 'STALL' });
  });

  it('is not told of it while one of its functions runs, which may end it all', async () => {
    const { opened, open } = gate();
    let isOver = false;
    let stopped: AbortSignal | undefined;
    const wait = (_: number, { signal }: { signal: AbortSignal }): Promise<void> => {
      stopped = signal;
      return opened;
    };
    const slow = { nothing: () => [1], wait };
    const pipeline = unpairable({ ...nodes, ...slow }, { ...graph, nothing: ['wait'] });
    void rejectionOf(pipeline.done).then(() => {
      isOver = true;
    });

    await turns(20);
    // `done` would wait for the function in any case.
    expect([isOver, stopped?.aborted]).toEqual([false, false]);
    open();
    await turns(5);
    expect(isOver).toBe(true);
  });

  it('is not told of it while a call waits for its key, which a function holds whose time is up', async () => {
    const clock = virtualClock();
    const { opened, open } = gate();
    const a = {
      run: (n: number): unknown => (n === 0 ? opened : n),
      ...{ keyBy: () => 'one', timeout: 10, onError: 'skip', queueSize: 16 },
    };
    const pipeline = createPipeline(
      { nodes: { ...nodes, src: () => Array(8).keys(), a }, graph, defaults: { queueSize: 1 } } as Definition,
      { clock },
    );
    await turns(5);
    await clock.advance(10);
    await turns(20);

    expect(pipeline.explain().nodes).toMatchObject({ src: { state: 'waiting' }, a: { running: 0 } });
    expect(await stateOf(pipeline.done)).toBe('pending');
    open();
    expect(await pipeline.done).toMatchObject({ nodes: { join: { processed: 7, skipped: 1 } } });
  });

  it('is told of it though a function holds a key whose time is up, if nobody waits for that key', async () => {
    const clock = virtualClock();
    const never = (): Promise<never> => new Promise(() => {});
    const deaf = { run: never, keyBy: () => 'one', timeout: 10, onError: 'skip' };
    const pipeline = createPipeline(
      {
        nodes: {
          ...{ one: () => [1], deaf, n: () => [1], twice: { run: (n: number) => [n, n], many: true } },
          head: { run: (n: unknown) => n, aggregateInputs: false },
        },
        graph: { one: ['deaf'], n: ['head'], head: ['twice'], twice: [{ to: 'head', feedback: true }] },
        defaults: { queueSize: 1 },
      } as Definition,
      { clock, grace: 0 },
    );
    await turns(5);
    const whileItRuns = await stateOf(pipeline.done);

    await clock.advance(10);
    await turns(20);
    await clock.advance(0);

    expect(whileItRuns).toBe('pending');
    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'STALL' });
  });

  it('is told of it though an inlet with room stands elsewhere in the graph', async () => {
    const pipeline = unpairable(
      { ...nodes, n: { inlet: true }, other: (n: number) => n },
      { ...graph, n: ['other'] },
    );

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'STALL' });
  });

  it('is told of it when what was handed in last has brought nothing', async () => {
    const pipeline = unpairable({ ...nodes, src: { inlet: true } }, graph);
    const pushes = [0, 1, 2, 3, 4, 5].map((n) => pipeline.push(n as never));

    const codes = await Promise.all(
      pushes.map((push) =>
        push.then(
          () => 'accepted',
          (error) => error.code,
        ),
      ),
    );

    expect(codes).toContain('STOPPED');
  });

  it('is told of it when the last function that ran has given nothing', async () => {
    const { opened, open } = gate();
    const pipeline = unpairable({ ...nodes, a: () => opened.then(() => []) }, graph);
    await turns(20);
    const before = await stateOf(pipeline.done);

    open();

    expect(before).toBe('pending');
    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'STALL' });
  });

  it('is told of it when what was handed in brings nothing, though no node came to wait for room by it', async () => {
    const pipeline = unpairable({ ...nodes, n: { inlet: true } }, { ...graph, n: ['a'] });
    // `src` can send four before `b` holds it back. After that `a` has no other inputs to wait for than those of `n`.
    for (const n of [1, 2, 3, 4]) await pipeline.push(n as never);
    const before = await stateOf(pipeline.done);

    await pipeline.push(5 as never);

    expect(before).toBe('pending');
    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'STALL' });
  });

  it('is told of it where a loop takes nothing more from outside, and what it holds has nothing to be paired with', async () => {
    const head = { run: (n: unknown) => n, aggregateInputs: false };
    const looped = { head: ['a', 'b'], a: ['join'], b: ['join'], join: [{ to: 'head', feedback: true }] };
    const pipeline = unpairable({ ...nodes, head }, { src: ['head'], ...looped });

    const error = (await rejectionOf(pipeline.done)) as StallError;

    expect(error.code).toBe('STALL');
    expect(error.cycle).toEqual([
      { node: 'head', from: 'join', to: 'head', for: 'loop', queued: 0, queueSize: 1 },
      { node: 'a', from: 'head', to: 'a', for: 'input', queued: 0, queueSize: 1 },
    ]);
    expect(error.message).toContain('head waits: the loop of join -> head is full (0/1)');
  });

  it('is told of it though a node of it waits for a slow reader, too', async () => {
    const pipeline = unpairable({ ...nodes, read: (n: number) => n }, { ...graph, src: ['read', 'a', 'b'] });
    const reader = pipeline.outputs('read');

    const error = (await rejectionOf(pipeline.done)) as StallError;

    expect(error.cycle.map(({ node }) => node).toSorted()).toEqual(['a', 'b', 'join', 'src']);
    expect(await rejectionOf(reader.next())).toBe(error);
  });
});
