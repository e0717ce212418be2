import { describe, expect, it } from 'vitest';
import { GraphError } from '../../lib/error/graph-error.ts';
import { checkDefinition } from '../../lib/graph/check.ts';
import { inlet } from '../../lib/graph/definition.ts';
import { f, faultsOf, messageOf, planOf, problemsOf } from './problems.ts';

describe('a definition', () => {
  it.for([[undefined], [null], [7], ['nodes'], [[]], [() => ({})]])('is refused when it is %j', ([whole]) => {
    const faults = faultsOf(whole);

    expect(faults).toEqual(['not-a-definition definition']);
  });

  it.for([
    [{}, ['not-a-definition nodes']],
    [{ nodes: [], graph: {} }, ['not-a-definition nodes']],
    [{ nodes: 'a', graph: 'b' }, ['not-a-definition nodes', 'not-a-definition graph']],
    [{ nodes: { a: f }, graph: ['a'] }, ['not-a-definition graph']],
    [{ nodes: { a: f }, defaults: 3 }, ['not-a-definition defaults']],
  ] as const)('tells which of its parts is no object: %j', ([definition, expected]) => {
    const faults = faultsOf(definition);

    expect(faults).toEqual(expected);
  });

  it('is told that an inlet has to be made by a call', () => {
    expect(faultsOf({ nodes: { n: inlet, a: f }, graph: { n: ['a'] } })).toEqual(['bad-option nodes.n']);
  });

  it('needs at least one node', () => {
    expect(faultsOf({ nodes: {}, graph: {} })).toEqual(['no-nodes nodes']);
  });

  it('needs no graph when no node leads to another', () => {
    const plan = planOf({ nodes: { a: f, b: f } });

    expect(plan.sinkNames).toEqual(['a', 'b']);
    expect(plan.edges).toEqual([]);
  });

  it('may leave sinks out of the graph, or name them with null or an empty list', () => {
    const plan = planOf({ nodes: { a: f, b: f, c: f, d: f }, graph: { a: ['b', 'c', 'd'], b: null, c: [] } });

    expect(plan.sinkNames).toEqual(['b', 'c', 'd']);
  });

  it.for([
    ['node', 'nodes'],
    ['Graph', 'graph'],
    ['default', 'defaults'],
  ] as const)('refuses the part `%s` and suggests `%s`', ([wrong, right]) => {
    const definition = { nodes: { a: f }, [wrong]: {} };

    expect(faultsOf(definition)).toEqual([`unknown-option ${wrong}`]);
    expect(messageOf(definition)).toContain(`\`${right}\``);
  });

  it('refuses a part that a later version may bring instead of passing it over', () => {
    expect(faultsOf({ nodes: { a: f }, channels: {}, groups: {} })).toEqual([
      'unknown-option channels',
      'unknown-option groups',
    ]);
  });

  it('is no less checked when a part of it is strange', () => {
    const definition = JSON.parse('{ "nodes": { "a": {} }, "__proto__": { "graph": {} } }');

    expect(faultsOf(definition)).toEqual(['unknown-option __proto__']);
  });
});

describe('a definition with many problems', () => {
  const definition = {
    nodes: {
      'a b': f,
      start: { inlet: true, many: true },
      twice: { run: f, queueSize: 0 },
      odd: 7,
      sum: 'summ',
    },
    graph: { start: ['twise', 'start'], twice: ['sum', 'sum', { to: 'odd', wen: f }], nobody: ['sum'] },
    defaults: { retry: 3 },
  };

  it('is told all of them at once, each with its code and where it is', () => {
    const faults = faultsOf(definition, { registry: { sum: f } });

    expect(faults).toEqual([
      'bad-option defaults.retry',
      'bad-name nodes.a b',
      'bad-option nodes.twice.queueSize',
      'not-a-node nodes.odd',
      'unknown-function nodes.sum',
      'unknown-node graph.start[0]',
      'self-edge graph.start[1]',
      'duplicate-edge graph.twice[1]',
      'unknown-option graph.twice[2].wen',
      'unknown-node graph.nobody',
      'option-not-applicable nodes.start.many',
    ]);
  });

  it('is told by one error that holds the words of each', () => {
    let caught: unknown;

    try {
      checkDefinition(definition, { sum: f });
    } catch (error) {
      caught = error;
    }

    expect(caught).toBeInstanceOf(GraphError);
    const { message, problems } = caught as GraphError;
    for (const problem of problems) expect(message).toContain(`${problem.path}: ${problem.message}`);
  });

  it('is told no more than a hundred of them', () => {
    const nodes = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`n${i}`, null]));

    expect(problemsOf({ nodes })).toHaveLength(100);
  });

  it('has each problem told with the nearest right name', () => {
    const near = (definition: object): string => messageOf(definition, { registry: { reverse: f } });

    expect(near({ nodes: { start: f, end: f }, graph: { start: ['edn'] } })).toContain('`end`');
    expect(near({ nodes: { start: f, end: f }, graph: { statr: ['end'] } })).toContain('`start`');
    expect(near({ nodes: { a: 'revers' } })).toContain('`reverse`');
    expect(near({ nodes: { a: f, b: { run: f, concurency: 2 } }, graph: { a: ['b'] } })).toContain(
      '`concurrency`',
    );
    expect(near({ nodes: { a: f, b: f }, graph: { a: [{ to: 'b', queuesize: 2 }] } })).toContain(
      '`queueSize`',
    );
  });
});
