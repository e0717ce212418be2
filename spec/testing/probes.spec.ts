import { createPipeline, type Pipeline } from 'sluice';
import { type SinkProbe, type SourceProbe, sinkProbe, sourceProbe } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../support/rejection.ts';

interface Probed {
  readonly source: SourceProbe<number>;
  readonly out: SinkProbe<number>;
  readonly pipeline: Pipeline;
}

function probed(fn: (n: number) => unknown = (n) => n, queueSize = 1): Probed {
  const source = sourceProbe<number>();
  const out = sinkProbe<number>({ queueSize });
  const pipeline = createPipeline({
    nodes: { source, fn: { run: fn, queueSize }, out },
    graph: { source: ['fn'], fn: ['out'] },
  } as never) as Pipeline;
  return { source, out, pipeline };
}

describe('probes', () => {
  it('send and take by hand, to the end', async () => {
    const { source, out, pipeline } = probed((n) => n * 2);

    await source.send(1);
    await out.expect(2);
    await out.expectNothing();
    void source.send(2);
    void source.send(3);
    expect(await out.next()).toBe(4);
    await out.expect(6);
    source.end();
    await out.expectEnd();

    expect((await pipeline.done).nodes.out).toMatchObject({ received: 3, processed: 3 });
  });

  it('show backpressure: one in each hand and each queue, one at the door', async () => {
    const { source, out, pipeline } = probed();
    await source.expectAccepted();
    for (let n = 1; n <= 10; n++) void source.send(n);

    await source.expectBlocked();
    // In the sink's hands and queue; sent by fn and waiting there; in the queue of fn.
    expect(source.waiting).toBe(6);

    await out.expect(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    await source.expectAccepted();
    await pipeline.stop();
  });

  it('fail as a source does', async () => {
    const { source, out, pipeline } = probed();
    await source.send(1);
    await out.expect(1);
    source.fail(new Error('no more'));

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'PROCESSOR', node: 'source' });
    await out.expectEnd();
  });

  it('are let go by a stop and by an abort', async () => {
    for (const end of ['stop', 'abort'] as const) {
      const { source, out, pipeline } = probed();
      void source.send(1);
      if (end === 'stop') await out.expect(1);
      else await rejectionOf(out.expectNothing());

      const stopped = pipeline.stop();
      if (end === 'abort') pipeline.abort();
      const { stragglers } = await stopped;

      expect(stragglers).toEqual([]);
      expect(() => source.end()).not.toThrow();
    }
  });

  it('answer everybody who waits for a value', async () => {
    const { source, out, pipeline } = probed();
    const both = Promise.all([out.next(), out.next()]);
    await source.send(1);
    await source.send(2);

    expect(await both).toEqual([1, 2]);
    await pipeline.stop();
  });

  it('refuse what comes too late, and a second pipeline', async () => {
    const { source, out, pipeline } = probed();
    await source.expectAccepted();
    const other = createPipeline({ nodes: { source, out: (n: number) => n }, graph: { source: ['out'] } });
    expect(await rejectionOf(other.done)).toMatchObject({ code: 'PROCESSOR', node: 'source' });
    const late = rejectionOf(Promise.all([1, 2, 3, 4, 5, 6].map((n) => source.send(n))));
    await source.expectBlocked();
    pipeline.abort();

    expect(await late).toBeInstanceOf(Error);
    await rejectionOf(pipeline.done);
    source.end();
    expect(() => source.send(7)).toThrow('ended');
    await rejectionOf(out.next());
  });

  it.each<[string, RegExp, (probed: Probed) => Promise<unknown>]>([
    ['another value', /expected \{"n":2\}, but \{"n":1\}/, ({ out }) => out.expect({ n: 2 } as never)],
    ['a value where none should be', /expected nothing yet/, ({ out }) => out.expectNothing()],
    ['a value instead of the end', /expected the end/, ({ out }) => out.expectEnd()],
    ['room where none should be', /expected a full queue/, ({ source }) => source.expectBlocked()],
  ])('find %s', async (_, sentence, act) => {
    const all = probed((n) => ({ n }));
    await all.source.send(1);

    expect(await rejectionOf(act(all))).toMatchObject({
      message: expect.stringMatching(sentence),
    });
    all.pipeline.abort();
  });

  it('find a queue that is full where it should have room, and an end where a value should be', async () => {
    const { source, out, pipeline } = probed();
    for (let n = 1; n <= 10; n++) void source.send(n);
    expect(await rejectionOf(source.expectAccepted())).toMatchObject({
      message: expect.stringContaining('6'),
    });

    await out.expect(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    source.end();
    expect(await rejectionOf(out.next())).toMatchObject({ message: expect.stringContaining('has ended') });
    await pipeline.done;
  });
});
