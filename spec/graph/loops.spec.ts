import { describe, expect, it } from 'vitest';
import { describe as describePlan } from '../../lib/graph/describe.ts';
import { toDot, toMermaid } from '../../lib/graph/diagram.ts';
import { f, faultsOf, planOf } from './problems.ts';

const merge = { run: f, aggregateInputs: false };
const back = { to: 'head', feedback: true };

describe('a feedback edge', () => {
  const nodes = { a: f, head: merge, body: f, out: f };
  const graph = { a: ['head'], head: ['body'], body: ['out', back] };

  it('closes a loop', () => {
    const { nodes: planned, edges, loops } = planOf({ nodes, graph });
    const names = (places: readonly number[]) => places.map((place) => planned[place]?.name);

    expect(loops.map(names)).toEqual([['head', 'body']]);
    expect(edges.filter(({ feedback }) => feedback).map(({ round }) => names(round))).toEqual([
      ['head', 'body'],
    ]);
  });

  it('may lead from a node to itself', () => {
    expect(faultsOf({ nodes: { a: f, head: merge }, graph: { a: ['head'], head: [back] } })).toEqual([]);
  });

  it('may be unbounded, which no other edge may', () => {
    const size = Number.POSITIVE_INFINITY;

    expect(faultsOf({ nodes, graph: { ...graph, body: ['out', { ...back, queueSize: size }] } })).toEqual([]);
    expect(faultsOf({ nodes, graph: { ...graph, a: [{ to: 'head', queueSize: size }] } })).toEqual([
      'bad-option graph.a[0].queueSize',
    ]);
  });

  it.for([
    ['to a node that makes rows', { ...nodes, head: f }, graph],
    [
      'where nothing else leads',
      { a: f, body: f, head: merge },
      { a: ['body'], body: [back], head: ['body'] },
    ],
    ['along the way that data flow anyway', nodes, { a: ['head', 'body'], body: [back], head: ['out'] }],
  ] as const)('may not lead %s', ([, nodes, graph]) => {
    expect(faultsOf({ nodes, graph })[0]).toMatch(/^bad-feedback graph\./);
  });

  it('may not lead to an inlet', () => {
    const definition = { nodes: { head: { inlet: true }, body: f }, graph: { head: ['body'], body: [back] } };

    expect(faultsOf(definition)).toContain('inlet-with-input nodes.head');
  });

  it('says true or false', () => {
    expect(faultsOf({ nodes, graph: { ...graph, body: [{ to: 'out', feedback: 'yes' }] } })).toEqual([
      'bad-option graph.body[0].feedback',
    ]);
  });

  it('does not excuse a cycle beside it', () => {
    const twice = { ...graph, out: ['body'] };

    expect(faultsOf({ nodes, graph: twice })).toContain('cycle graph.body');
  });

  it('leaves rows of one origin joinable inside the loop and behind it', () => {
    const diamond = { a: f, head: merge, left: f, right: f, join: f, out: f };
    const edges = {
      a: ['head'],
      head: ['left', 'right'],
      left: ['join'],
      right: ['join'],
      join: ['out', back],
    };

    expect(faultsOf({ nodes: diamond, graph: edges })).toEqual([]);
  });

  it('is drawn as leading back, and described', () => {
    const plan = planOf({
      nodes,
      graph: { ...graph, body: ['out', { ...back, queueSize: Number.POSITIVE_INFINITY }] },
    });

    expect(toMermaid(plan)).toContain('n2 -.->|feedback, unbounded| n1');
    expect(toDot(plan)).toContain('n2 -> n1 [label="feedback, unbounded", style=dashed, constraint=false];');
    expect(describePlan(plan).maxMessages).toBe('unbounded');
    expect(describePlan(plan).nodes.find(({ name }) => name === 'body')?.outputs).toContainEqual({
      ...{ to: 'head', queueSize: 'unbounded', feedback: true },
    });
  });
});
