import { inlet, type Pipeline } from 'sluice';
import { describe, expect, it } from 'vitest';
import { Ending, type Outcome } from '../../lib/pipeline/ending.ts';
import type { Summary } from '../../lib/pipeline/summary.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';
import { start } from './pipelines.ts';

const summary: Summary = { nodes: {}, edges: [], unreadDeadLetters: 0, left: 0, stragglers: [], elapsed: 0 };
const error = new Error('no');
const done: Outcome = { kind: 'done', summary };
const failed: Outcome = { kind: 'failed', summary, error };
const aborted: Outcome = { kind: 'aborted', summary, error };

describe('the end of a pipeline', () => {
  it('is told to whoever asked before, and to whoever asks after', async () => {
    const ending = new Ending();
    const early = [ending.done, ending.stopped];

    ending.settle(done);

    expect(await Promise.all([...early, ending.done, ending.stopped])).toEqual([
      summary,
      summary,
      summary,
      summary,
    ]);
    expect(ending.done).toBe(early[0]);
  });

  it('that was asked for rejects done, resolves stop, and is unhandled for nobody', async () => {
    const ending = new Ending();
    const { done: promise, stopped } = ending;

    const unhandled = await unhandledDuring(() => ending.settle(aborted));

    expect(unhandled).toEqual([]);
    expect(await rejectionOf(promise)).toBe(error);
    expect(await stopped).toBe(summary);
    expect(await stoppedLate(ending)).toBe(summary);
  });

  it('that was asked for is unhandled for nobody when nobody looks', async () => {
    const unhandled = await unhandledDuring(() => new Ending().settle(aborted));

    expect(unhandled).toEqual([]);
  });
});

describe('a failure', () => {
  it('that nobody looks at is an unhandled rejection', async () => {
    const unhandled = await unhandledDuring(() => new Ending().settle(failed));

    expect(unhandled).toEqual([error]);
  });

  it('belongs to whoever has asked for done, and to nobody else', async () => {
    const ending = new Ending();
    const { stopped } = ending;
    const told = rejectionOf(ending.done);

    ending.settle(failed);

    expect(await told).toBe(error);
    expect(await stopped).toBe(summary);
  });

  it('belongs to whoever has called stop when nobody has asked for done', async () => {
    const ending = new Ending();
    const told = rejectionOf(ending.stopped);

    const unhandled = await unhandledDuring(() => ending.settle(failed));

    expect(unhandled).toEqual([]);
    expect(await told).toBe(error);
    expect(await stoppedLate(ending)).toBe(summary);
  });

  it('that stop has told of is unhandled for nobody when done is asked for later', async () => {
    const ending = new Ending();
    const told = rejectionOf(ending.stopped);
    ending.settle(failed);
    await told;

    const unhandled = await unhandledDuring(() => void ending.done);

    expect(unhandled).toEqual([]);
    expect(await rejectionOf(ending.done)).toBe(error);
  });

  it('that a reader, a caller or a listener was told of is unhandled for nobody', async () => {
    const ending = new Ending();
    const { stopped } = ending;
    ending.told();

    const unhandled = await unhandledDuring(() => ending.settle(failed));

    expect(unhandled).toEqual([]);
    expect(await stopped).toBe(summary);
    expect(await rejectionOf(ending.done)).toBe(error);
  });

  it('is told by done as often as it is asked for', async () => {
    const ending = new Ending();
    const early = rejectionOf(ending.done);

    ending.settle(failed);

    expect(await Promise.all([early, rejectionOf(ending.done)])).toEqual([error, error]);
  });
});

describe('a failure of a pipeline', () => {
  const { nodes, graph } = {
    nodes: { a: inlet(), b: inlet(), fails: () => Promise.reject(error), deaf: () => new Promise(() => {}) },
    graph: { a: ['fails'], b: [{ to: 'deaf', queueSize: 1 }] },
  };

  it.for([
    ['a call that waits', (pipeline: Pipeline) => [pipeline.inlet('b').call(1)]],
    ['a push that waits', (pipeline: Pipeline) => [1, 2, 3].map((n) => pipeline.inlet('b').push(n))],
    ['a loop that reads', (pipeline: Pipeline) => [pipeline.outputs('deaf').next()]],
  ] as const)('is told to %s, and is unhandled for nobody', async ([, wait]) => {
    const pipeline = start({ nodes, graph }, { grace: 0 });
    const waiting = Promise.allSettled(wait(pipeline)).then((all) => all.at(-1));
    await turns(5);

    const unhandled = await unhandledDuring(() => pipeline.inlet('a').push(1));

    expect(unhandled).toEqual([]);
    expect(await waiting).toMatchObject({ status: 'rejected' });
  });
});

describe('a reader that has not begun to read', () => {
  it('is nobody who would hear of a failure', async () => {
    const unhandled = await unhandledDuring(() => {
      const fails = (): Promise<never> => Promise.reject(error);
      start({ nodes: { s: () => [1], fails }, graph: { s: ['fails'] } }).outputs('fails');
    });

    expect(unhandled).toMatchObject([{ code: 'PROCESSOR', cause: error }]);
  });
});

function stoppedLate(ending: Ending): Promise<Summary> {
  return ending.stopped;
}
