import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Plumber } from '../../lib/pipeline/plumber.ts';
import { schemaOf } from '../support/schema.ts';
import { f, faultsOf, messageOf, nodeOf } from './problems.ts';

const schema = schemaOf((value) => ({ value }));
const standard = schema['~standard'];

const between = (options: object) => ({
  nodes: { n: { inlet: true }, x: { run: f, ...options } },
  graph: { n: ['x'] },
});

describe('input and output', () => {
  it.each([
    ['made by hand', schema],
    ['of zod', z.string()],
    ['of valibot', v.string()],
    ['of arktype, which is a function', type('string')],
  ])('take a schema %s, as it is', (_, written) => {
    const x = nodeOf('x', between({ input: written, output: written }));

    expect(x.input).toBe(written);
    expect(x.output).toBe(written);
  });

  it.each([
    ['a function', () => true],
    ['an object', {}],
    ['null', null],
    ['a number', 1],
    ['what holds no object', { '~standard': true }],
    ['what holds null', { '~standard': null }],
    ['what has no validate', { '~standard': { version: 1, vendor: 'x' } }],
    ['another version', { '~standard': { ...standard, version: 2 } }],
  ])('refuse %s', (_, written) => {
    expect(faultsOf(between({ input: written, output: written }))).toEqual([
      'bad-option nodes.x.input',
      'bad-option nodes.x.output',
    ]);
    expect(messageOf(between({ input: written }))).toContain('Standard Schema');
  });

  it('apply to where there is something to validate', () => {
    const nodes = {
      inlet: { inlet: true, output: schema },
      source: { run: f, input: schema },
      inner: {
        run: new Plumber({ nodes: { i: { inlet: true }, x: f }, graph: { i: ['x'] } }),
        input: schema,
      },
    };

    expect(faultsOf({ nodes, graph: { inlet: ['inner'] } })).toEqual([
      'option-not-applicable nodes.inlet.output',
      'option-not-applicable nodes.source.input',
      'option-not-applicable nodes.inner.input',
    ]);
  });

  it('may be defaults, where they can apply', () => {
    const definition = { ...between({}), defaults: { input: schema, output: schema } };

    const [n, x] = ['n', 'x'].map((name) => nodeOf(name, definition));

    expect([n?.input, n?.output]).toEqual([schema, undefined]);
    expect([x?.input, x?.output]).toEqual([schema, schema]);
  });
});

describe('the name of a schema', () => {
  it('is looked up in the registry, also for an inlet', () => {
    const definition = JSON.parse(
      `{ "nodes": { "n": { "inlet": true, "input": "text#v1" }, "x": { "run": "f", "output": "text#v1" } }, "graph": { "n": ["x"] } }`,
    );
    const registry = { f, 'text#v1': schema };

    expect(nodeOf('n', definition, { registry }).input).toBe(schema);
    expect(nodeOf('x', definition, { registry }).output).toBe(schema);
  });

  it.each(['txet', 'f', 'constructor'])('is refused where that is no schema: %s', (name) => {
    const registry = { f, text: schema };

    expect(faultsOf(between({ input: name }), { registry })).toEqual(['unknown-schema nodes.x.input']);
  });

  it('is told the nearest one, or that there is no registry', () => {
    const registry = { f, text: schema };

    expect(messageOf(between({ input: 'txet' }), { registry })).toContain('Did you mean `text`?');
    expect(messageOf(between({ input: 'text' }))).toContain('new Plumber(definition, { registry })');
  });

  it('is none of a function', () => {
    const definition = { nodes: { x: { run: 'text' } } };

    expect(faultsOf(definition, { registry: { text: schema } })).toEqual(['unknown-function nodes.x.run']);
  });
});
