/**
 * The README example of the Python library this one descends from: a source, a node that reverses, and a join that
 * prints what both have sent for the same item.
 *
 * Run: npx tsx demos/02-ancestor.ts
 *
 * Prints:
 *   abc cba
 *   def fed
 *   ghi ihg
 */
import { createPipeline } from 'sluice';

const pipeline = createPipeline({
  nodes: {
    inp: () => ['abc', 'def', 'ghi'],
    rev: (text: string) => [...text].reverse().join(''),
    out: ({ inp, rev }: { inp: string; rev: string }) => console.log(inp, rev),
  },
  graph: { inp: ['rev', 'out'], rev: ['out'], out: null },
});

await pipeline.done;
