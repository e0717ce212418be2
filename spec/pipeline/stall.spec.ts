import { SluiceError, type StallError } from 'sluice';
import { describe, expect, it } from 'vitest';
import type { GraphPlan } from '../../lib/graph/plan.ts';
import { Pipeline } from '../../lib/pipeline/pipeline.ts';
import { PipelineRun } from '../../lib/pipeline/run.ts';
import { planOf } from '../graph/problems.ts';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';

/** A pipeline of a plan that the check would have refused: the first node of the branch gives nothing, and says so to nobody. */
function unpairable(nodes: object, graph: object): Pipeline {
  const sound = planOf({ nodes, graph, defaults: { queueSize: 1 } });
  const plan: GraphPlan = {
    ...sound,
    nodes: sound.nodes.map((node) => (node.name === 'a' ? { ...node, many: true } : node)),
  };
  return new Pipeline(new PipelineRun(plan, {}, {}));
}

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
    const slow = { nothing: () => [1], wait: () => opened };
    const pipeline = unpairable({ ...nodes, ...slow }, { ...graph, nothing: ['wait'] });
    void rejectionOf(pipeline.done).then(() => {
      isOver = true;
    });

    await turns(20);
    expect(isOver).toBe(false);
    open();
    await turns(5);
    expect(isOver).toBe(true);
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
});
