import { describe, expect, it } from 'vitest';
import { f, faultsOf, messageOf, nodeOf, planOf } from './problems.ts';

const nodes = { a: f, b: { run: f, onError: 'dead-letter' }, dead: f };
const graph = { a: ['b'] };

describe('the dead-letter node', () => {
  it('is a node that takes edges from those that may send dead letters, after all of them', () => {
    const plan = planOf({
      nodes: { ...nodes, c: { run: f, onError: f }, d: { run: f, onError: 'skip' } },
      graph: { a: ['b', 'c', 'd'] },
      deadLetter: 'dead',
    });

    expect(plan.nodes.at(-1)).toMatchObject({ name: 'dead', kind: 'transform', fanIn: 'merge' });
    expect(plan.edges.filter(({ isDeadLetter }) => isDeadLetter)).toHaveLength(2);
    expect(plan.sinkNames.toSorted()).toEqual(['b', 'c', 'd', 'dead']);
  });

  it('gets none from itself, from those behind it, and from sources', () => {
    const definition = {
      nodes: { ...nodes, behind: f },
      graph: { ...graph, dead: ['behind'] },
      deadLetter: 'dead',
      defaults: { onError: 'dead-letter' },
    };

    const may = ['a', 'b', 'dead', 'behind'].map((name) => nodeOf(name, definition).canDeadLetter);

    expect(may).toEqual([false, true, false, false]);
  });

  it.for([
    [{ deadLetter: 1 }, 'bad-option deadLetter'],
    [{ deadLetter: 'daed' }, 'unknown-node deadLetter'],
    [{ deadLetter: 'toString' }, 'unknown-node deadLetter'],
    [{ deadLetter: 'i', nodes: { ...nodes, i: { inlet: true } } }, 'bad-option deadLetter'],
    [{ deadLetter: 'dead', graph: { ...graph, b: ['dead'] } }, 'dead-letter-with-input nodes.dead'],
  ] as const)('cannot be %j', ([wrong, fault]) => {
    expect(faultsOf({ nodes, graph, ...wrong })).toEqual([fault]);
  });

  it('is suggested by its name', () => {
    expect(messageOf({ nodes, graph, deadLetter: 'daed' })).toContain('Did you mean `dead`?');
  });

  it('numbers its own rows: what it sends cannot be joined with what the failed messages came from', () => {
    const definition = {
      nodes: { ...nodes, join: f },
      graph: { a: ['b', 'join'], dead: ['join'] },
      deadLetter: 'dead',
    };

    expect(faultsOf(definition)).toEqual(['unpairable-lanes nodes.join']);
  });
});
