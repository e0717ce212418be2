/**
 * A graph as a node of another one: the five nodes of demo 03, within themselves, three levels deep. A merge sends two
 * outputs for each input, so eight come of one word, the same as of one flat graph with all the nodes in it.
 *
 * Run: npx tsx demos/07-subgraph.ts
 *
 * Prints:
 *   nested: CBA CBA CBA CBA cba cba cba cba
 *   flat:   CBA CBA CBA CBA cba cba cba cba
 *   inner.inner.n4 received 2, inner.n4 received 4, n4 received 8
 *   node inner.inner.n1: run failed: not a word: 7
 */
import { createPipeline, type Definition, inlet, Plumber } from 'sluice';

const n1 = (text: string) => {
  if (!/^[a-z]+$/i.test(text)) throw new Error(`not a word: ${text}`);
  return [...text].reverse().join('');
};
const n2 = (text: string) => text.toUpperCase();
const n3 = (row: { n1: string }) => row.n1.toLowerCase();
const n4 = { run: (text: string) => text, aggregateInputs: false } as const;

const innermost = new Plumber({
  nodes: { inp: inlet<string>(), n1, n2, n3, n4 },
  graph: { inp: ['n1'], n1: ['n2', 'n3'], n2: ['n3', 'n4'], n3: ['n4'], n4: null },
});
// The compiler checks that a subgraph's inlet takes what leads to it, and that what its sink sends fits the next node.
const middle = new Plumber({
  nodes: { inp: inlet<string>(), inner: innermost, n1, n2, n3, n4 },
  graph: { inp: ['inner'], inner: ['n1'], n1: ['n2', 'n3'], n2: ['n3', 'n4'], n3: ['n4'], n4: null },
});
const nested = createPipeline({
  nodes: { inp: inlet<string>(), inner: middle, n1, n2, n3, n4 },
  graph: { inp: ['inner'], inner: ['n1'], n1: ['n2', 'n3'], n2: ['n3', 'n4'], n3: ['n4'], n4: null },
});

const flat = createPipeline(
  flatten([
    ['a1', 'a2', 'a3', 'a4'],
    ['b1', 'b2', 'b3', 'b4'],
    ['c1', 'c2', 'c3', 'c4'],
  ]),
);

console.log(`nested: ${(await nested.call('abc')).n4.sort().join(' ')}`);
console.log(`flat:   ${(await flat.call('abc')).c4?.sort().join(' ')}`);

const { nodes } = nested.metrics();
const received = ['inner.inner.n4', 'inner.n4', 'n4'].map(
  (name) => `${name} received ${nodes[name]?.received}`,
);
console.log(received.join(', '));

await nested.call('7').catch((error: Error) => console.log(error.message));
await Promise.all([nested.stop(), flat.stop()]);

/** The same without subgraphs: the nodes of each level under names of their own, one level behind the other. */
function flatten(levels: readonly (readonly [string, string, string, string])[]): Definition {
  const nodes: Record<string, Definition['nodes'][string]> = { inp: inlet<string>() };
  const graph: Record<string, string[]> = {};
  let before = 'inp';
  for (const [a, b, c, d] of levels) {
    const lower = (row: Record<string, string>) => row[a]?.toLowerCase();
    Object.assign(nodes, { [a]: n1, [b]: n2, [c]: lower, [d]: n4 });
    Object.assign(graph, { [before]: [a], [a]: [b, c], [b]: [c, d], [c]: [d] });
    before = d;
  }
  return { nodes, graph };
}
