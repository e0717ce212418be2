import { describe, expect, it } from 'vitest';
import { filesUnder, machineFolders, textOf } from './repo.ts';
import { missingBinaries, untidiness } from './tidy.ts';

describe('the repository', () => {
  it('holds no trace of a machine, a registry or unfinished work', () => {
    const ownRules = ['spec/house/tidy.ts', 'spec/house/tidy.spec.ts'];
    const files = filesUnder('.').filter((file) => !ownRules.includes(file.path));

    const found = untidiness(files, machineFolders());

    expect(files.length).toBeGreaterThan(0);
    expect(found).toEqual([]);
  });

  it('locks the binaries of every platform', () => {
    const missing = missingBinaries(JSON.parse(textOf('package-lock.json')));

    expect(missing).toEqual([]);
  });
});

describe('the search for traces', () => {
  it.for([
    ["const file = '/home/ann/sluice/lib';", 'a folder of a machine'],
    ['see file:///Users/ann/notes', 'a folder of a machine'],
    ['C:\\\\Users\\\\ann', 'a folder of a machine'],
    ['"resolved": "https://packages.example/uuid.tgz"', 'a package registry'],
    ['registry=https://registry.example.org/', 'a package registry'],
    ['// TODO: later', 'work left undone'],
    ['// @ts-ignore', 'a check switched off'],
    ['// biome-ignore lint: it is right', 'a check switched off'],
    ['cd /builds/team/sluice/lib', 'a folder of this machine'],
    ['// biome-ignore lint/suspicious/noExplicitAny: it is short', 'a check switched off'],
  ] as const)('finds in %s %s', ([line, what]) => {
    const found = untidiness([{ path: 'lib/a.ts', text: `first\n${line}` }], ['/builds/team/sluice']);

    expect(found).toEqual([`lib/a.ts:2: ${what}`]);
  });

  it.for([
    'const path = "graph/root/name";',
    "import { root } from './home/users.ts';",
    'https://example.org/home/index.html',
    'todos, registry, method',
    '// biome-ignore lint/style/noNonNullAssertion: checked above',
  ])('passes %s', (line) => {
    expect(untidiness([{ path: 'a.ts', text: line }], [])).toEqual([]);
  });

  it('lets specs, and only specs, speak of any', () => {
    const line = '// biome-ignore lint/suspicious/noExplicitAny: the type must not be it';

    const found = ['spec/types/a.ts', 'lib/a.ts'].flatMap((path) => untidiness([{ path, text: line }], []));

    expect(found).toEqual(['lib/a.ts:1: a check switched off']);
  });

  it('finds a binary that the lock file leaves out', () => {
    const lock = {
      packages: {
        '': {},
        'node_modules/tool': { optionalDependencies: { '@tool/linux': '1.0.0', '@tool/windows': '1.0.0' } },
        'node_modules/@tool/linux': {},
      },
    };

    expect(missingBinaries(lock)).toEqual(['@tool/windows']);
  });
});
