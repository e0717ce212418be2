import { describe, expect, it } from 'vitest';
import { importsOf } from './imports.ts';
import { type LibFile, violations } from './layers.ts';
import { filesUnder } from './repo.ts';

describe('the layers of lib', () => {
  it('hold: rooms, doors, seams to third parties, sizes and names', () => {
    const files = filesUnder('lib', '.ts').map(({ path, text }) => ({
      path: path.slice('lib/'.length),
      imports: importsOf(text),
      lines: text.trimEnd().split('\n').length,
    }));

    const found = violations(files);

    expect(found).toEqual([]);
    expect(files.map((file) => file.path)).toContain('index.ts');
  });
});

describe('the layer rule', () => {
  it('lets a room import itself and the rooms before it, and a door everything', () => {
    const found = violations([
      file('support/ids.ts', 'uuid'),
      file('error/graph-error.ts', '../support/ids.ts', './base.ts'),
      file('error/base.ts'),
      file('index.ts', './error/graph-error.ts'),
      file('cli/main.ts', '../index.ts', '../error/base.ts', '../testing/fake.ts'),
      file('testing/fake.ts'),
    ]);

    expect(found).toEqual([]);
  });

  it('lets the viewer, which is a server, import what Node.js has', () => {
    expect(violations([file('viewer/http.ts', 'node:http')])).toEqual([]);
  });

  it.each<[string, LibFile[], string]>([
    [
      'a room that imports one after it',
      [file('queue/ring.ts', '../processor/node.ts'), file('processor/node.ts')],
      'queue/ring.ts imports processor/node.ts, a room below its own',
    ],
    [
      'a room that imports the front door',
      [file('pipeline/plumber.ts', '../index.ts'), file('index.ts')],
      'pipeline/plumber.ts imports the front door',
    ],
    [
      'a room that imports a door',
      [file('pipeline/plumber.ts', '../testing/fake.ts'), file('testing/fake.ts')],
      'pipeline/plumber.ts imports testing/fake.ts, a door',
    ],
    [
      'a front door that imports a door',
      [file('index.ts', './cli/main.ts'), file('cli/main.ts')],
      'index.ts imports cli/main.ts, a door',
    ],
    ['a file outside every room', [file('utils/misc.ts')], 'utils/misc.ts is in no room and is no door'],
    ['a second file beside the front door', [file('types.ts')], 'types.ts is in no room and is no door'],
    [
      'an import that leaves lib',
      [file('graph/check.ts', '../../spec/house/repo.ts')],
      'graph/check.ts imports ../spec/house/repo.ts, which is no file of lib',
    ],
    [
      'a third party outside support',
      [file('graph/check.ts', 'uuid')],
      'uuid is imported outside support/: graph/check.ts',
    ],
    [
      'a third party with two seams, under whichever subpath',
      [file('support/ids.ts', '@scope/ids'), file('support/names.ts', '@scope/ids/v7')],
      '@scope/ids is imported in more than one file: support/ids.ts, support/names.ts',
    ],
    [
      'the package by its own name',
      [file('queue/ring.ts', 'sluice')],
      'sluice is imported outside support/: queue/ring.ts',
    ],
    [
      'a module of Node.js',
      [file('support/clock.ts', 'node:perf_hooks')],
      'support/clock.ts imports node:perf_hooks, which no browser has',
    ],
    [
      'a module of Node.js under its old name, also in support',
      [file('support/clock.ts', 'fs/promises')],
      'support/clock.ts imports fs/promises, which no browser has',
    ],
    [
      'a module of Node.js in the page of the viewer',
      [file('viewer/page/main.ts', 'node:http')],
      'viewer/page/main.ts imports node:http, which no browser has',
    ],
    ['a long file', [{ ...file('queue/ring.ts'), lines: 301 }], 'queue/ring.ts has 301 lines, more than 300'],
    [
      'a name in camel case',
      [file('queue/boundedQueue.ts')],
      'queue/boundedQueue.ts is not named in kebab-case',
    ],
    [
      'a cycle inside a room',
      [file('queue/a.ts', './b.ts'), file('queue/b.ts', './c.ts'), file('queue/c.ts', './b.ts')],
      'import cycle: queue/b.ts -> queue/c.ts -> queue/b.ts',
    ],
  ])('finds %s', (_title, files, sentence) => {
    const found = violations(files);

    expect(found).toEqual([sentence]);
  });
});

describe('the imports of a source text', () => {
  it('are all found: values, types, re-exports, side effects and import()', () => {
    const text = `
      import a from './a.ts';
      import type { B } from './b.ts';
      import { type C, d } from './c.ts';
      import './e.ts';
      export { f } from './f.ts';
      export type * from './g.ts';
      const h = await import('./h.ts');
      type I = import('./i.ts').I;
    `;

    const found = importsOf(text);

    expect(found).toEqual('abcefghi'.split('').map((name) => `./${name}.ts`));
  });

  it('are not what stands in comments and strings', () => {
    const text = `// import './a.ts';\n/** import { b } from './b.ts'; */\nconst c = "import './c.ts'";`;

    const found = importsOf(text);

    expect(found).toEqual([]);
  });
});

function file(path: string, ...imports: string[]): LibFile {
  return { path, imports, lines: 10 };
}
