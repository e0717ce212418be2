import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameFault, nearest, quoted, suggestion } from '../../lib/graph/names.ts';
import { f, faultsOf, messageOf } from './problems.ts';

/** Every key that any object has without owning it. */
const inherited = Object.getOwnPropertyNames(Object.prototype);

describe('the name of a node', () => {
  it.for(['a', '_', 'A1', 'read-file', 'x_y-9', 'end', 'prototype', 'hasOwn'])('may be %s', (name) => {
    expect(faultsOf({ nodes: { [name]: f } })).toEqual([]);
  });

  it.for(['', '1', '01', '-a', 'a.b', 'a b', 'ä', 'a\n', ' a', 'a"', '$', 'a->b'])(
    'may not be %j',
    (name) => {
      expect(faultsOf({ nodes: { [name]: f } })).toEqual([`bad-name nodes.${name}`]);
    },
  );

  it.for(inherited)('may not be %s, not even in a document', (name) => {
    const definition = JSON.parse(`{ "nodes": { "${name}": "f" }, "graph": { "${name}": null } }`);

    expect(faultsOf(definition, { registry: { f } })).toEqual([`bad-name nodes.${name}`]);
  });

  it('is told why it cannot be, in words that name it', () => {
    expect(messageOf(JSON.parse('{ "nodes": { "__proto__": "f" } }'), { registry: { f } })).toContain(
      '`__proto__`',
    );
    expect(messageOf({ nodes: { '2nd': f } })).toContain('letter');
  });

  it.for(inherited)('is never found on a prototype: %s as the end of an edge', (name) => {
    const definition = JSON.parse(
      `{ "nodes": { "a": "f" }, "graph": { "a": ["${name}"], "${name}": ["a"] } }`,
    );

    expect(faultsOf(definition, { registry: { f } })).toEqual([
      'unknown-node graph.a[0]',
      `unknown-node graph.${name}`,
    ]);
  });

  it('is shortened in messages when a stranger made it long', () => {
    const long = 'x'.repeat(100_000);

    const message = messageOf({ nodes: { a: f }, graph: { a: [long] } });

    expect(message.length).toBeLessThan(200);
  });

  it('is a fault or fits the rule, whatever it is', () => {
    const names = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...inherited),
      fc.stringMatching(/^\w[\w-]*$/),
    );

    fc.assert(
      fc.property(names, (name) => {
        const isAllowed = /^[A-Za-z_][\w-]*$/.test(name) && !(name in {});

        expect(nameFault(name) === undefined).toBe(isAllowed);
      }),
    );
  });
});

describe('the nearest name', () => {
  it.for([
    ['wrod', ['word', 'work'], 'word'],
    ['WORD', ['ward', 'word'], 'word'],
    ['reversd', ['reverse', 'reserved'], 'reverse'],
    ['wod', ['word'], 'word'],
    ['words', ['word'], 'word'],
    ['ba', ['ab'], 'ab'],
  ] as const)('to %s among %j is %s', ([name, candidates, expected]) => {
    expect(nearest(name, candidates)).toBe(expected);
  });

  it.for([
    ['a', ['b']],
    ['cat', ['dog', 'horse']],
    ['', ['a']],
    ['word', []],
  ] as const)('to %j among %j is none, for none is near', ([name, candidates]) => {
    expect(nearest(name, candidates)).toBeUndefined();
  });

  it('is not looked for when the name is longer than a slip of the finger', () => {
    const name = 'x'.repeat(61);

    expect(nearest(name, [`${name}y`])).toBeUndefined();
  });

  it('is looked for with so much effort and no more', () => {
    const effort = { left: 1000 };

    expect(nearest('wrod', ['word'], { left: 0 })).toBeUndefined();
    expect(nearest('wrod', ['word'], effort)).toBe('word');
    expect(effort.left).toBeLessThan(1000);
  });

  it('costs little among names that are nothing like it', () => {
    const effort = { left: 10_000 };

    expect(nearest('x'.repeat(60), ['y'.repeat(60)], effort)).toBeUndefined();
    // There are 3600 pairs of letters.
    expect(effort.left).toBeGreaterThan(9000);
  });

  it('is one slip away at most a third of the letters, and no candidate is nearer', () => {
    const word = fc.stringMatching(/^[ab]{3,8}$/);

    fc.assert(
      fc.property(word, fc.array(word, { maxLength: 5 }), (name, candidates) => {
        const found = nearest(name, candidates);

        const edits = candidates.map((candidate) => editsBetween(name, candidate));
        const fewest = Math.min(...edits, Number.POSITIVE_INFINITY);
        if (fewest > Math.floor(name.length / 3)) expect(found).toBeUndefined();
        else expect(found).toBe(candidates[edits.indexOf(fewest)]);
      }),
    );
  });
});

describe('a suggestion', () => {
  it('asks for the nearest name', () => {
    expect(suggestion('wrod', ['word', 'other'])).toContain('`word`?');
  });

  it('lists the names when none is near and they are few', () => {
    expect(suggestion('zzz', ['word'])).toContain('is: `word`');
    expect(suggestion('zzz', ['word', 'other'])).toContain('are: `word`, `other`');
  });

  it('is empty when none is near and there are none, or more than eight', () => {
    expect(suggestion('zzz', [])).toBe('');
    expect(suggestion('zzz', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'])).toBe('');
  });

  it('quotes a name, cut to sixty letters', () => {
    expect(quoted('word')).toBe('`word`');
    expect(quoted('x'.repeat(60))).toBe(`\`${'x'.repeat(60)}\``);
    expect(quoted('x'.repeat(61))).toBe(`\`${'x'.repeat(57)}...\``);
  });
});

/** Insertions, deletions, substitutions and swaps of neighbours, found by trying them all. */
function editsBetween(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  if (a[0] === b[0]) return editsBetween(a.slice(1), b.slice(1));
  const edits = [
    editsBetween(a.slice(1), b),
    editsBetween(a, b.slice(1)),
    editsBetween(a.slice(1), b.slice(1)),
    ...(a[0] === b[1] && a[1] === b[0] ? [editsBetween(a.slice(2), b.slice(2))] : []),
  ];
  return 1 + Math.min(...edits);
}
