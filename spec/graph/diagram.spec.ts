import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { inlet } from '../../lib/graph/definition.ts';
import { toDot, toMermaid } from '../../lib/graph/diagram.ts';
import { GRAPH } from '../../lib/graph/subgraph.ts';
import { f, planOf } from './problems.ts';

/** One node of each shape, one edge of each label, and names that mean something to one of the two languages. */
const definition = {
  nodes: {
    word: inlet(),
    graph: f,
    end: f,
    'read-file': f,
    subgraph: { run: f, aggregateInputs: 'partial' },
    digraph: { run: f, aggregateInputs: false },
    default: f,
  },
  graph: {
    word: ['end', 'read-file', 'subgraph'],
    graph: ['digraph'],
    'read-file': [{ to: 'subgraph', queueSize: 1 }, { to: 'digraph', queueSize: 16 }, 'default'],
    end: ['default'],
  },
};

const inner = { [GRAPH]: planOf({ nodes: { in: inlet(), end: f }, graph: { in: ['end'] } }) };
const middle = { [GRAPH]: planOf({ nodes: { in: inlet(), inner }, graph: { in: ['inner'] } }) };
/** The same graph twice, once within another. */
const nested = { nodes: { a: f, middle, inner }, graph: { a: ['middle'], middle: ['inner'] } };

/** Graphviz itself, or why it is not there. It must be there where every check has to run. */
function graphviz(text: string): { readonly svg: string } | { readonly missing: string } {
  const { error, status, stdout, stderr } = spawnSync('dot', ['-Tsvg'], { input: text, encoding: 'utf8' });
  if (error === undefined && status === 0) return { svg: stdout };
  if (error === undefined) throw new Error(`Graphviz refused the text: ${stderr}`);
  if (process.env.CI !== undefined) throw new Error('Graphviz is not installed', { cause: error });
  return { missing: `Graphviz is not installed (${error.message})` };
}

describe('the Graphviz text of a graph', () => {
  it.for([
    ['one of every kind', definition],
    ['a single node', { nodes: { strict: f } }],
    ['a node called node', { nodes: { node: f, edge: f }, graph: { node: ['edge'] } }],
    ['graphs within graphs', nested],
  ] as const)('is accepted by Graphviz: %s', ([, one], { skip }) => {
    const text = toDot(planOf(one));

    const result = graphviz(text);

    if ('missing' in result) {
      console.warn(`skipped: ${result.missing}`);
      skip(result.missing);
      return;
    }
    const drawn = [...result.svg.replaceAll('&#45;', '-').matchAll(/>([^<]*)<\/text>/g)].map(
      ([, label]) => label,
    );
    expect(drawn).toEqual(expect.arrayContaining(Object.keys(one.nodes)));
    expect(result.svg.match(/class="edge"/g) ?? []).toHaveLength(planOf(one).edges.length);
  });

  it('has a shape for each kind of node, and a label for each queue size that was chosen', () => {
    expect(toDot(planOf(definition))).toMatchInlineSnapshot(`
      "digraph sluice {
        rankdir=LR;
        n0 [label="word", shape=ellipse];
        n1 [label="graph", shape=parallelogram];
        n2 [label="end", shape=box];
        n3 [label="read-file", shape=box];
        n4 [label="subgraph", shape=hexagon];
        n5 [label="digraph", shape=invtrapezium];
        n6 [label="default", shape=hexagon];
        n0 -> n2;
        n0 -> n3;
        n0 -> n4;
        n1 -> n5;
        n2 -> n6;
        n3 -> n4 [label="1"];
        n3 -> n5;
        n3 -> n6;
      }
      "
    `);
  });
});

it('draws a frame around the nodes of each subgraph', () => {
  expect(toDot(planOf(nested))).toMatchInlineSnapshot(`
    "digraph sluice {
      rankdir=LR;
      n0 [label="a", shape=parallelogram];
      subgraph cluster1 {
        label="middle";
        n1 [label="middle.in", shape=box];
        subgraph cluster2 {
          label="middle.inner";
          n2 [label="middle.inner.in", shape=box];
          n3 [label="middle.inner.end", shape=box];
        }
      }
      subgraph cluster3 {
        label="inner";
        n4 [label="inner.in", shape=box];
        n5 [label="inner.end", shape=box];
      }
      n0 -> n1;
      n1 -> n2;
      n2 -> n3;
      n3 -> n4;
      n4 -> n5;
    }
    "
  `);
  expect(toMermaid(planOf(nested))).toMatchInlineSnapshot(`
    "flowchart LR
      n0[/"a"/]
      subgraph g1["middle"]
        n1["middle.in"]
        subgraph g2["middle.inner"]
          n2["middle.inner.in"]
          n3["middle.inner.end"]
        end
      end
      subgraph g3["inner"]
        n4["inner.in"]
        n5["inner.end"]
      end
      n0 --> n1
      n1 --> n2
      n2 --> n3
      n3 --> n4
      n4 --> n5
    "
  `);
});

describe('an edge with a condition', () => {
  const conditional = {
    nodes: { a: f, b: f, c: f, d: f },
    graph: {
      a: [
        { to: 'b', when: f },
        { to: 'c', when: f, queueSize: 2 },
      ],
      b: ['d'],
    },
  };

  it('is dashed for Graphviz, which takes it', () => {
    const text = toDot(planOf(conditional));
    const result = graphviz(text);

    expect(text.split('\n').filter((line) => line.includes('->'))).toEqual([
      '  n0 -> n1 [style=dashed];',
      '  n0 -> n2 [label="2", style=dashed];',
      '  n1 -> n3;',
    ]);
    expect('missing' in result || result.svg.includes('stroke-dasharray')).toBe(true);
  });

  it('is dotted in Mermaid', () => {
    const edges = toMermaid(planOf(conditional))
      .split('\n')
      .filter((line) => line.includes('->'));

    expect(edges).toEqual(['  n0 -.-> n1', '  n0 -.->|2| n2', '  n1 --> n3']);
  });
});

describe('the Mermaid text of a graph', () => {
  it('quotes every name, for a node may be called end', () => {
    expect(toMermaid(planOf(definition))).toMatchInlineSnapshot(`
      "flowchart LR
        n0(["word"])
        n1[/"graph"/]
        n2["end"]
        n3["read-file"]
        n4{{"subgraph"}}
        n5("digraph")
        n6{{"default"}}
        n0 --> n2
        n0 --> n3
        n0 --> n4
        n1 --> n5
        n2 --> n6
        n3 -->|1| n4
        n3 --> n5
        n3 --> n6
      "
    `);
  });

  it('has a line for the direction, for each node and for each edge, whatever the size', () => {
    const names = Array.from({ length: 50 }, (_, i) => `n${i}`);
    const nodes = Object.fromEntries(names.map((name) => [name, f]));

    const lines = toMermaid(planOf({ nodes, graph: { n0: names.slice(1) } }))
      .trimEnd()
      .split('\n');

    expect(lines).toHaveLength(1 + 50 + 49);
  });
});
