import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphError } from '../../lib/error/graph-error.ts';
import { checkDefinition } from '../../lib/graph/check.ts';
import { f, problemsOf } from './problems.ts';

const hostile = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'];
const names = fc.oneof(fc.constantFrom('a', 'b', 'c', ...hostile), fc.string({ maxLength: 3 }));
const keys = fc.constantFrom(
  ...[
    'run',
    'coro',
    'inlet',
    'args',
    'properties',
    'aggregate_inputs',
    'queue_size',
    'aggregateInputs',
    'many',
  ],
  ...['queueSize', 'concurrency', 'order', 'onError', 'setup', 'teardown', 'retry', 'to', ...hostile],
);
const leaves = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }),
  names,
  fc.constantFrom(true, false, null, 1, 0, 'partial', 'f'),
);

/** `Object.fromEntries` makes `__proto__` a key like any other, as `JSON.parse` does. */
const records = (
  key: fc.Arbitrary<string>,
  value: fc.Arbitrary<unknown>,
): fc.Arbitrary<Record<string, unknown>> =>
  fc.array(fc.tuple(key, value), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));

const specs = fc.oneof(leaves, records(keys, fc.oneof(leaves, records(keys, leaves))));
const edges = fc.oneof(leaves, fc.array(fc.oneof(names, leaves, records(keys, leaves)), { maxLength: 4 }));
const parts = { nodes: records(names, specs), graph: records(names, edges), defaults: records(keys, leaves) };
const sound = fc.record({
  nodes: fc.record({
    a: fc.constantFrom('f', { inlet: true }),
    b: fc.constant({ run: 'f', queueSize: 2 }),
    c: fc.constant('f'),
  }),
  graph: fc.record({ a: fc.subarray(['b', 'c']), b: fc.constantFrom(null, ['c'], [{ to: 'c' }]) }),
});

/** Definitions, and documents that are more or less far from one, so that every check is met. */
const documents = fc.oneof(
  sound,
  fc
    .tuple(sound, fc.record(parts))
    .map(([good, bad]) => ({ ...good, nodes: { ...good.nodes, ...bad.nodes } })),
  fc
    .tuple(sound, fc.record(parts))
    .map(([good, bad]) => ({ ...good, graph: { ...good.graph, ...bad.graph } })),
  fc.tuple(sound, records(keys, leaves)).map(([good, defaults]) => ({ ...good, defaults })),
  fc.record(parts, { requiredKeys: ['nodes'] }),
  records(
    fc.constantFrom('nodes', 'graph', 'defaults', ...hostile),
    fc.oneof(...Object.values(parts), leaves),
  ),
);

/** Whether it is a plan or a GraphError; any other error is thrown on. */
function outcome(definition: unknown): 'plan' | 'refused' {
  try {
    checkDefinition(definition, { f });
    return 'plan';
  } catch (error) {
    if (error instanceof GraphError && error.problems.length > 0) return 'refused';
    throw error;
  }
}

describe('checking a document of a stranger', () => {
  it('gives a plan or a GraphError, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (document) => {
        outcome(document);
      }),
    );
  });

  it('gives a plan or a GraphError, however near to a definition it is', () => {
    const seen = new Set<string>();

    fc.assert(
      fc.property(documents, (document) => {
        seen.add(outcome(document));
      }),
      { numRuns: 2000 },
    );

    expect(seen).toEqual(new Set(['plan', 'refused']));
  });

  it('gives a plan or a GraphError, whatever values it holds', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
    });

    fc.assert(
      fc.property(
        fc.record({ nodes: fc.dictionary(names, anything), graph: fc.dictionary(names, anything) }),
        (document) => {
          outcome(document);
        },
      ),
    );
  });

  it('changes nothing in it', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const before = JSON.stringify(document);

        outcome(document);

        expect(JSON.stringify(document)).toBe(before);
      }),
    );
  });

  it('leaves every other object as it was', () => {
    const before = Object.getOwnPropertyNames(Object.prototype);

    fc.assert(
      fc.property(documents, (document) => {
        outcome(document);

        expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
      }),
    );
  });

  it('tells each problem with a path into it and in few words', () => {
    fc.assert(
      fc.property(documents, (document) => {
        for (const { path, message } of problemsOf(document, { registry: { f } })) {
          expect(path).toMatch(/^(definition|nodes|graph|defaults|__proto__|\w+)/);
          expect(message.length).toBeLessThan(1000);
        }
      }),
    );
  });
});
