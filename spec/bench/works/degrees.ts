/** What a hop costs must not depend on how many successors, or predecessors, a node has. */
import { createPipeline, type Definition } from 'sluice';
import type { Work } from '../measure.ts';
import { fanOutOf, mergeOf } from './graphs.ts';
import { caseOf } from './steps.ts';

const HOPS = 100_000;
/** Noise, and a larger graph finds less of itself in the processor's caches. */
const GROWTH = 1.25;

function work(title: string, definitionOf: (degree: number) => (items: number) => Definition): Work {
  return {
    title,
    unit: 'ns',
    cases: [2, 10, 100].map((degree) => {
      const definition = definitionOf(degree);
      return caseOf(`of ${degree}`, HOPS / degree, degree, (items) => createPipeline(definition(items)).done);
    }),
    targets: [10, 100].map((degree) => ({ case: `of ${degree}`, against: 'of 2', atMost: GROWTH })),
  };
}

export const fanOutDegrees: Work = work('fan-out, a hop by degree', fanOutOf);
export const mergeDegrees: Work = work('merge, a hop by degree', mergeOf);
