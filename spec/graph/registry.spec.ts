import { inlet, Plumber } from 'sluice';
import { describe, expect, it } from 'vitest';
import { schemaOf } from '../support/schema.ts';
import { f, faultsOf, messageOf, nodeOf } from './problems.ts';

const schema = schemaOf((value) => ({ value }));
const inherited = Object.getOwnPropertyNames(Object.prototype);

describe('a registry', () => {
  it('gives functions for run, setup and teardown, by names with dots and hashes', () => {
    const registry = { 'text.words#split': f, 'db#open': () => 1, 'db#close': () => 2 };
    const spec = { run: 'text.words#split', setup: 'db#open', teardown: 'db#close' };

    const x = nodeOf('x', { nodes: { x: spec } }, { registry });

    expect([x.run, x.setup, x.teardown]).toEqual([f, registry['db#open'], registry['db#close']]);
  });

  it.for(inherited)('has no function called %s unless it owns one', (name) => {
    const definition = JSON.parse(
      `{ "nodes": { "x": "${name}", "y": { "run": "${name}", "setup": "${name}" } } }`,
    );

    expect(faultsOf(definition, { registry: { f } })).toEqual([
      'unknown-function nodes.x',
      'unknown-function nodes.y.run',
      'unknown-function nodes.y.setup',
    ]);
  });

  it('may own a function called constructor', () => {
    expect(faultsOf({ nodes: { x: 'constructor' } }, { registry: { constructor: f } })).toEqual([]);
  });

  it.each([
    ['a string', 'a secret'],
    ['undefined', undefined],
    ['null', null],
    ['7', 7],
    ['an array', [f]],
    ['an object without run', { args: schema }],
    ['an object without run', { nodes: {}, graph: {} }],
    ['an object whose run is no function', { run: 'f' }],
    ['a schema', schema],
  ])('is told to hold %s where a function is wanted: %o', (kind, word) => {
    const registry = { word, f } as never;

    expect(faultsOf({ nodes: { x: 'word' } }, { registry })).toEqual(['unknown-function nodes.x']);
    expect(messageOf({ nodes: { x: 'word' } }, { registry })).toBe(
      `is "word", which in the registry is ${kind}, ` +
        'must be a function, { run, args } with a function as run, or, for a node, a Plumber',
    );
  });

  it('is told to hold a Plumber where only a function can stand', () => {
    const part = new Plumber({ nodes: { in: inlet(), out: (x: unknown) => x }, graph: { in: ['out'] } });

    const message = messageOf({ nodes: { x: { run: f, setup: 'part' } } }, { registry: { part } as never });

    expect(message).toContain('in the registry is a Plumber, must be a function');
  });

  it('is told to hold something else than a schema', () => {
    const definition = { nodes: { n: { inlet: true, input: 'f' }, x: f }, graph: { n: ['x'] } };

    expect(faultsOf(definition, { registry: { f } })).toEqual(['unknown-schema nodes.n.input']);
    expect(messageOf(definition, { registry: { f } })).toBe(
      'is "f", which in the registry is a function, must be a Standard Schema',
    );
  });

  it.each([
    ['a Map', new Map([['word', f]])],
    [
      'an object of a class without fields of its own',
      new (class {
        word() {
          return 1;
        }
      })(),
    ],
  ])('must be a plain object: %s', (kind, registry) => {
    expect(messageOf({ nodes: { x: 'word' } }, { registry: registry as never })).toBe(
      `the registry has no function "word". The registry is ${kind}, must be a plain object of functions by name.`,
    );
  });

  it('is told to be given when there is none', () => {
    const message = messageOf({ nodes: { x: 'reverse' } });

    expect(message).toContain('"reverse"');
    expect(message).toContain('registry');
    expect(message).toContain('new Plumber(definition, { registry })');
  });
});

describe('a function of a node', () => {
  it('keeps the object it is a method of as its this', () => {
    const spec = {
      run(this: unknown) {
        return this;
      },
      setup(this: unknown) {
        return this;
      },
    };

    const x = nodeOf('x', { nodes: { x: spec } });

    expect((x.run as () => unknown)()).toBe(spec);
    expect((x.setup as () => unknown)()).toBe(spec);
  });
});
