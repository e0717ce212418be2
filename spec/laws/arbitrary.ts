import fc from 'fast-check';
import { type GraphFeatures, graphs as randomGraphs } from 'sluice/testing';
import type { Graph } from './graph.ts';

/** How many graphs each law is tried on: a few hundred among all checks, thousands in the long run. */
export const runs: number = Number(process.env.LAWS_RUNS ?? 200);

/** What may stand in a graph, beside sources, transforms and joins. */
export interface Features extends GraphFeatures {
  /** Whether segments of it are made Plumbers, which changes the names of nodes. */
  readonly nested?: boolean;
}

export const everything: Features = { merges: true, completion: true, batches: true };

/** The same, as far as calls can pass it. */
export const callable: Features = { ...everything, batches: 'scatter' };

/** What makes outputs depend on the moment: nothing is promised but that nothing is lost without a count. */
export const dropping: Features = { ...everything, overflows: ['drop-oldest', 'drop-newest'] };

/** The graphs that users get; determinate ones that calls can pass, if nothing else is said, fed in every way there is. */
export function graphs({ nested = true, ...features }: Features = {}): fc.Arbitrary<Graph> {
  const flat = randomGraphs({
    roots: ['source', 'push', 'fed'],
    feeds: ['iterable', 'async iterable', 'readable', 'web stream'],
    merges: false,
    completion: false,
    batches: 'scatter',
    ...features,
  });
  const nestings = fc.array(fc.nat(), { maxLength: nested ? 5 : 0 });
  return fc.tuple(flat, nestings).map(([graph, nesting]) => {
    const { nodes, isReversed, readDelays } = graph;
    const print = (): string => `${graph}  nesting ${JSON.stringify(nesting)}\n`;
    return { nodes, isReversed, readDelays, nesting, [fc.toStringMethod]: print };
  });
}
