/** What a hop costs must not depend on how many successors, or predecessors, a node has. */
import { createPipeline } from 'sluice';
import type { Work } from '../measure.ts';
import { fanOutByHand, fanOutOf, mergeByHand, mergeOf } from './graphs.ts';
import { caseOf } from './steps.ts';

const HOPS = 100_000;
/**
 * A hundred nodes do not fit the processor's nearest cache as two do, which the lines by hand show as well. What looks at all
 * its edges for each message would grow fifty times.
 */
const GROWTH = 1.6;

function work(title: string, definitionOf: typeof fanOutOf, byHand: typeof fanOutByHand): Work {
  const degrees = [2, 10, 100];
  return {
    title,
    unit: 'ns',
    cases: degrees.flatMap((degree) => {
      const [items, definition] = [HOPS / degree, definitionOf(degree)];
      const hand = (count: number): Promise<unknown> => byHand(count, degree);
      const here = (count: number): Promise<unknown> => createPipeline(definition(count)).done;
      return [
        caseOf(`Sluice, of ${degree}`, items, degree, here, 'Sluice, of 2'),
        caseOf(`by hand, of ${degree}`, items, degree, hand, 'by hand, of 2'),
      ];
    }),
    targets: [10, 100].map((degree) => ({
      case: `Sluice, of ${degree}`,
      against: 'Sluice, of 2',
      atMost: GROWTH,
    })),
  };
}

export const fanOutDegrees: Work = work('hop by degree of fan-out', fanOutOf, fanOutByHand);
export const mergeDegrees: Work = work('hop by degree of merge', mergeOf, mergeByHand);
