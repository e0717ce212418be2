import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conflictingLanes, type LaneNode, laneNames } from '../../lib/graph/lanes.ts';
import { topologicalOrder } from '../../lib/graph/order.ts';
import { bruteLanes, laneGraphs } from './lane-graphs.ts';
import { f, faultsOf, messageOf, problemsOf } from './problems.ts';

const many = { run: f, many: true };
const merge = { run: f, aggregateInputs: false };
const completion = { run: f, order: 'completion' };

const messages = (definition: unknown): string =>
  problemsOf(definition)
    .map(({ message }) => message)
    .join('\n');

describe('lanes that are joined', () => {
  it('may be one and the same, filtered, mapped, joined and fanned out at will', () => {
    const nodes = { s: f, a: f, b: f, c: f, j1: f, j2: { run: f, aggregateInputs: 'partial' } };

    expect(
      faultsOf({ nodes, graph: { s: ['a', 'b', 'j2'], a: ['j1'], b: ['c', 'j1'], c: ['j2'], j1: ['j2'] } }),
    ).toEqual([]);
  });

  it('may be those of independent sources, also when one of them feeds another join', () => {
    const nodes = { A: f, B: f, f, j1: f, j2: f };

    expect(faultsOf({ nodes, graph: { A: ['f', 'j2'], B: ['j1', 'j2'], f: ['j1'] } })).toEqual([]);
  });

  it('may each have been started anew from independent sources', () => {
    const nodes = { a: f, b: f, xs: many, ys: many, j: f };

    expect(faultsOf({ nodes, graph: { a: ['xs'], b: ['ys'], xs: ['j'], ys: ['j'] } })).toEqual([]);
  });

  it.for([
    ['one-to-many', many],
    ['generator', function* () {}],
    ['unordered', completion],
  ] as const)('may not be a lane and the one a %s node started from it', ([, x]) => {
    const definition = { nodes: { s: f, x, j: f }, graph: { s: ['x', 'j'], x: ['j'] } };

    expect(faultsOf(definition)).toEqual(['unpairable-lanes nodes.j']);
    expect(messageOf(definition)).toContain('s -> x -> j and s -> j');
  });

  it('may not be a lane and the merge of it with itself', () => {
    const definition = {
      nodes: { s: f, a: f, b: f, m: merge, j: f },
      graph: { s: ['a', 'b', 'j'], a: ['m'], b: ['m'], m: ['j'] },
    };

    expect(faultsOf(definition)).toEqual(['unpairable-lanes nodes.j']);
    expect(messageOf(definition)).toContain('s -> a -> m -> j and s -> j');
  });

  it('may not be two that were started from one', () => {
    const definition = {
      nodes: { s: f, a: f, xs: many, ys: many, j: f },
      graph: { s: ['a', 'ys'], a: ['xs'], xs: ['j'], ys: ['j'] },
    };

    expect(faultsOf(definition)).toEqual(['unpairable-lanes nodes.j']);
    expect(messageOf(definition)).toContain('s -> a -> xs -> j and s -> ys -> j');
  });

  it('may not be two lanes that derive crosswise from two others that are joined with them', () => {
    const definition = {
      nodes: { a: f, b: f, fromA: many, fromB: many, j: f, k: f },
      graph: { a: ['j', 'fromA'], b: ['k', 'fromB'], fromB: ['j'], fromA: ['k'] },
    };

    expect(faultsOf(definition)).toEqual(['unpairable-lanes nodes.j', 'unpairable-lanes nodes.k']);
    expect(messages(definition)).toContain('a -> fromA -> k <- b -> fromB -> j and a -> j');
  });

  it('may not derive from a lane that is joined with one that derives from it', () => {
    const definition = {
      nodes: { s: f, x: many, y: many, other: f, j: f, k: f },
      graph: { s: ['x', 'k'], x: ['j', 'y'], other: ['j'], y: ['k'] },
    };

    expect(messages(definition)).toContain('s -> x -> y -> k and s -> k');
    expect(messages(definition)).toContain('x -> y -> k <- s -> x -> j and x -> j');
  });

  it('may not be two that share an ancestor some lanes back', () => {
    const definition = {
      nodes: { s: f, x1: many, x2: many, y1: many, j: f },
      graph: { s: ['x1', 'y1'], x1: ['x2'], x2: ['j'], y1: ['j'] },
    };

    expect(messageOf(definition)).toContain('s -> x1 -> x2 -> j');
    expect(messageOf(definition)).toContain('s -> y1 -> j');
  });

  it('may not become one at two different joins, when both are joined with a third', () => {
    const definition = {
      nodes: { s: f, xs: many, ys: many, third: f, j1: f, j2: f },
      graph: { s: ['xs', 'ys'], xs: ['j1'], ys: ['j2'], third: ['j1', 'j2'] },
    };

    expect(faultsOf(definition)).toEqual(['unpairable-lanes nodes.j1']);
    expect(messageOf(definition)).toContain('s -> xs -> j1 and s -> ys -> j2');
  });

  it('may not derive from two sources that another join has made one', () => {
    const definition = {
      nodes: { p: f, q: f, xs: many, ys: many, j0: f, j: f },
      graph: { p: ['j0', 'xs'], q: ['j0', 'ys'], xs: ['j'], ys: ['j'] },
    };

    expect(faultsOf(definition)).toEqual(['unpairable-lanes nodes.j']);
    expect(messageOf(definition)).toContain('p -> xs -> j and q -> ys -> j');
  });

  it('are told once for each set of them', () => {
    const nodes = { s: f, xs: many, j1: f, j2: f, t: f, ys: many, k: f };

    expect(
      faultsOf({ nodes, graph: { s: ['xs', 'j1', 'j2'], xs: ['j1', 'j2'], t: ['ys', 'k'], ys: ['k'] } }),
    ).toEqual(['unpairable-lanes nodes.j1', 'unpairable-lanes nodes.k']);
  });

  it('are not looked at before the rest of the graph is sound', () => {
    expect(
      faultsOf({ nodes: { s: f, x: many, j: f }, graph: { s: ['x', 'j'], x: ['j', 'nobody'] } }),
    ).toEqual(['unknown-node graph.x[1]']);
  });

  it('can always be merged instead, which the message says', () => {
    const definition = { nodes: { s: f, x: many, j: f }, graph: { s: ['x', 'j'], x: ['j'] } };

    expect(messageOf(definition)).toContain('aggregateInputs: false');
    expect(faultsOf({ ...definition, nodes: { ...definition.nodes, j: merge } })).toEqual([]);
  });
});

describe('the lanes of any small graph', () => {
  const orderOf = (nodes: readonly LaneNode[]): readonly number[] =>
    topologicalOrder(nodes.map(({ outputs }) => outputs.map(({ to }) => to))).order;

  it('are one where law 4 says so', () => {
    fc.assert(
      fc.property(laneGraphs, (nodes) => {
        const { sets } = bruteLanes(nodes);

        const names = laneNames(nodes, orderOf(nodes));

        for (const set of sets) expect(new Set([...set].map((lane) => names[lane])).size).toBe(1);
        expect(new Set(names).size).toBe(sets.length);
      }),
      { numRuns: 500 },
    );
  });

  it('conflict where law 4 says so, once for each set that is one', () => {
    fc.assert(
      fc.property(laneGraphs, (nodes) => {
        const { sets, conflicts } = bruteLanes(nodes);
        const names = laneNames(nodes, orderOf(nodes));

        const found = conflictingLanes(nodes, orderOf(nodes)).map(
          ({ join }) => names[nodes[join]?.inputs[0]?.from as number],
        );

        const expected = conflicts.map((set) => names[[...set][0] as number]);
        expect(found.toSorted()).toEqual(expected.toSorted());
        expect(sets.length).toBeGreaterThanOrEqual(conflicts.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('have each conflict shown as two paths along edges and back from joins, from one lane to two inputs of joins of one lane', () => {
    fc.assert(
      fc.property(laneGraphs, (nodes) => {
        const names = laneNames(nodes, orderOf(nodes));

        for (const { paths } of conflictingLanes(nodes, orderOf(nodes))) {
          for (const path of paths) {
            for (const [place, node] of path.slice(1).entries()) {
              const before = path[place] as number;
              const isAlong = nodes[node]?.inputs.some(({ from }) => from === before);
              if (!isAlong) expect(nodes[before]?.inputs).toContainEqual({ from: node });
              if (!isAlong) expect(nodes[before]?.fanIn).toMatch(/join$/);
            }
            expect(nodes[path.at(-1) as number]?.fanIn).toMatch(/join$/);
          }
          const [starts, ends] = [
            paths.map((path) => names[path[0] as number]),
            paths.map((path) => names[path.at(-2) as number]),
          ];
          expect(starts[0]).toBe(starts[1]);
          expect(ends[0]).toBe(ends[1]);
          expect(paths[0]).not.toEqual(paths[1]);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
