import { describe, expect, it } from 'vitest';
import { f, faultsOf, messageOf, nodeOf } from './problems.ts';

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

  it('has no function where it holds something else', () => {
    const registry = { word: 'f', f } as never;

    expect(faultsOf({ nodes: { x: 'word' } }, { registry })).toEqual(['unknown-function nodes.x']);
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
