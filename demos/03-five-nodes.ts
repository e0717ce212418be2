/**
 * A graph with every kind of fan-in: `n3` joins its two inputs row by row, `n4` takes whatever comes, one at a time.
 * So three inputs give six outputs, here sorted, since a merge promises no order between its branches.
 *
 * Run: npx tsx demos/03-five-nodes.ts
 *
 * Prints:
 *   CBA FED IHG cba fed ihg
 */
import { createPipeline } from 'sluice';

const pipeline = createPipeline({
  nodes: {
    inp: () => ['abc', 'def', 'ghi'],
    n1: (text: string) => [...text].reverse().join(''),
    n2: (text: string) => text.toUpperCase(),
    n3: ({ n1 }: { n1: string; n2: string }) => n1.toLowerCase(),
    n4: { run: (text: string) => text, aggregateInputs: false },
  },
  graph: { inp: ['n1'], n1: ['n2', 'n3'], n2: ['n3', 'n4'], n3: ['n4'], n4: null },
});

const outputs: string[] = [];
for await (const text of pipeline) outputs.push(text);
console.log(outputs.sort().join(' '));
