import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StallWatch, type Watched } from '../../lib/pipeline/stall-watch.ts';
import type { Processor } from '../../lib/processor/processor.ts';
import { scheduler } from '../../lib/support/scheduler.ts';

interface Node {
  isAtWork: boolean;
  blocked: number;
}

/** A watch over a run with one node that waits for nobody, and how often it has asked to be told of rest. */
function watched(run: Partial<Watched> = {}) {
  const node: Node = { isAtWork: false, blocked: 0 };
  const processors = [{ ...NODE, node } as never as Processor];
  for (const name of ['isAtWork', 'blocked'] as const)
    Object.defineProperty(processors[0], name, { get: () => node[name] });
  const stalled = vi.fn();
  const watch = new StallWatch({ processors, isUnderWay: true, isDraining: false, stalled, ...run });
  return { node, watch, stalled };
}

const NODE = { plan: {}, hasEnded: true };
const asked = vi.spyOn(scheduler, 'watch');

beforeEach(() => {
  asked.mockReset().mockImplementation(() => {});
});

afterEach(() => {
  asked.mockReset();
});

describe('the watch over nodes that may wait for each other', () => {
  it('asks for nothing before it suspects something, and once until it has been told', () => {
    const { watch } = watched();
    watch.stir();
    expect(asked).not.toHaveBeenCalled();

    watch.suspect();
    watch.suspect();
    watch.stir();
    expect(asked).toHaveBeenCalledTimes(1);

    expect(watch.rested()).toBe(false);
    watch.suspect();
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it('stays for as long as a node is at work, as one thing that was asked for', () => {
    const { watch, node } = watched();
    watch.suspect();

    node.isAtWork = true;
    const during = [watch.rested(), watch.rested()];
    watch.suspect();
    node.isAtWork = false;

    expect([...during, watch.rested()]).toEqual([true, true, false]);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('comes back with what is handed in from outside where a node was left waiting, and only there', () => {
    const { watch, node } = watched();
    watch.suspect();
    watch.rested();
    watch.stir();
    expect(asked).toHaveBeenCalledTimes(1);

    node.blocked = 1;
    watch.suspect();
    watch.rested();
    watch.stir();
    expect(asked).toHaveBeenCalledTimes(3);
  });

  it('is over with the run, whatever its functions still do', () => {
    const { watch, node } = watched({ isUnderWay: false });
    node.isAtWork = true;
    watch.suspect();

    expect(watch.rested()).toBe(false);
  });
});
