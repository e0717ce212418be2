import fc from 'fast-check';
import { Plumber } from 'sluice';
import { describe, expect, it } from 'vitest';
import { everything, graphs, runs } from './arbitrary.ts';
import { toDefinition } from './definition.ts';
import { unnest } from './nesting.ts';
import { complete, start } from './run.ts';

// The graphs of all laws have segments that are Plumbers. Here they are compared with the same graphs without.
describe('a graph with segments that are Plumbers', () => {
  it('counts in their nodes what it does without', async () => {
    let deepest = 0;
    await fc.assert(
      // Of two roots whose rows are joined, how much is left of one depends on the time.
      fc.asyncProperty(graphs({ mostRoots: 1 }), async (graph) => {
        const flat = await complete(start({ ...graph, nesting: [] }));
        const nested = await complete(start(graph));

        deepest = Math.max(deepest, ...Object.keys(nested.nodes).map((name) => name.split('.').length));
        const counters = unnest(nested.nodes);
        for (const [name, { elapsed, ...counts }] of Object.entries(flat.nodes))
          expect({ name, ...counters[name] }).toMatchObject({ name, ...counts });
      }),
      { numRuns: runs },
    );
    expect(deepest).toBeGreaterThan(3);
  });

  it('has its rows numbered by the same nodes, whatever it joins or merges', () => {
    fc.assert(
      fc.property(graphs(everything), (graph) => {
        // Which of the lanes that a join makes one gives its name, depends on the order.
        const lanesOf = (plumber: Plumber): string[] => {
          const { lanes } = plumber.describe();
          const laneOf = unnest(lanes);
          const names = Object.keys(laneOf).sort();
          return names.map(
            (name) => `${name} with ${names.filter((other) => laneOf[other] === laneOf[name])}`,
          );
        };

        const nested = lanesOf(new Plumber(toDefinition(graph)));

        expect(nested).toEqual(lanesOf(new Plumber(toDefinition({ ...graph, nesting: [] }))));
      }),
      { numRuns: runs },
    );
  });
});
