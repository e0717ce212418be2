import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { node, npm, tsc } from './child.ts';
import { assertBuilt, filesUnder, machineFolders, root, textOf } from './repo.ts';

/** The first example of the README, as a newcomer types it. */
const example = `
import { createPipeline, inlet } from 'sluice';

const pipeline = createPipeline({
  nodes: {
    word: inlet<string>(),
    reversed: (w: string) => [...w].reverse().join(''),
    pair: async ({ word, reversed }: { word: string; reversed: string }) => \`\${word} \${reversed}\`,
  },
  graph: { word: ['reversed', 'pair'], reversed: ['pair'], pair: null },
});

const { pair } = await pipeline.call('stressed');
console.log(pair);
await pipeline.stop();
`;

const required = `
const { createPipeline, inlet } = require('sluice');

const pipeline = createPipeline({
  nodes: { word: inlet(), pair: (word) => \`\${word} \${[...word].reverse().join('')}\` },
  graph: { word: ['pair'], pair: null },
});

pipeline.call('stressed').then(({ pair }) => {
  console.log(pair);
  return pipeline.stop();
});
`;

/** A function that a worker thread finds, and a graph that has it do so. */
const hash = `
import { createHash } from 'node:crypto';
export const hash = (text) => createHash('sha256').update(text).digest('hex').slice(0, 8);
`;
const inWorker = `
const { createPipeline, fromModule, inlet } = require('sluice');
const { pathToFileURL } = require('node:url');

const hashes = fromModule(pathToFileURL(__dirname + '/hash.mjs'));
try {
  const pipeline = createPipeline({
    nodes: { text: inlet(), hash: { run: hashes('hash'), runIn: 'worker', transfer: 'output' } },
    graph: { text: ['hash'] },
  }, { workers: { idleTimeout: 2 ** 31 - 1 } });
  pipeline.call('sluice').then(console.log).then(() => pipeline.stop());
} catch ({ problems }) {
  for (const { code, message } of problems) console.log(code, message);
}
`;

/** A project has the kit without fast-check: only what makes random graphs needs that. */
const kit = `
const { Plumber, inlet } = require('sluice');
const { graphs, simulate } = require('sluice/testing');

const plumber = new Plumber({
  nodes: { word: inlet(), length: (word) => word.length },
  graph: { word: ['length'] },
});
simulate(plumber, { word: ['sluice'] }).then(console.log);
try {
  graphs();
} catch (error) {
  console.log(error.message);
}
`;

/** None of what draws the page is installed. */
const viewer = `
import { createPipeline, inlet } from 'sluice';
import { serveViewer } from 'sluice/viewer';

const pipeline = createPipeline({
  nodes: { word: inlet(), length: (word) => word.length },
  graph: { word: ['length'] },
});
const served = await serveViewer(pipeline);
for (const file of ['', 'page.js', 'layout.js', 'page.css']) {
  const { status, headers } = await fetch(served.url + file);
  console.log(status, headers.get('content-type').split(';')[0]);
}
await served.close();
await pipeline.stop();
`;

describe('the packed tarball', () => {
  let folder: string;
  let project: string;
  let packed: string[];

  beforeAll(async () => {
    assertBuilt();
    folder = mkdtempSync(join(tmpdir(), 'sluice-package-'));
    project = join(folder, 'project');
    mkdirSync(project);
    // Without the scripts: they would rebuild dist/ while other specs read it.
    const pack = await npm(['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], root);
    expect(pack).toMatchObject({ code: 0 });
    write('package.json', JSON.stringify({ name: 'newcomer', private: true, type: 'module' }));
    const tarball = join(folder, pack.stdout.trim());
    const install = await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], project);
    expect(install).toMatchObject({ code: 0 });
    packed = filesIn(join(project, 'node_modules/sluice'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what lib was built to, the texts that go with it, and nothing else', () => {
    const texts = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
    // The page of the viewer comes as a whole, for browsers.
    const declared = filesUnder('lib', '.ts').filter(({ path }) => !path.includes('/page/'));
    const declarations = declared.map(({ path }) =>
      path.replace(/^lib\//, 'dist/').replace(/\.ts$/, '.d.ts'),
    );
    const page = ['page.js', 'page.css', 'layout.js', 'NOTICE.txt'].map((name) => `dist/viewer/${name}`);
    const entries: (string | { default: string })[] = Object.values(
      JSON.parse(textOf('package.json')).exports,
    );
    const doors = entries.flatMap((entry) => (typeof entry === 'string' ? [] : entry.default.slice(2, -3)));
    const bundles = [...doors, 'dist/shared', 'dist/worker-entry'];
    const code = bundles.flatMap((stem) => [`${stem}.js`, `${stem}.js.map`]);

    const nameless = new Set(packed.map((path) => path.replace(/shared-\w+/, 'shared')));

    expect([...nameless].sort()).toEqual([...texts, ...declarations, ...code, ...page].sort());
  });

  it('names no folder of the machine it was built on', () => {
    const machine = machineFolders();

    const traces = packed.filter((path) => {
      const text = readFileSync(join(project, 'node_modules/sluice', path), 'utf8');
      return machine.some((folder) => text.includes(folder) || text.includes(inJson(folder)));
    });

    expect(traces).toEqual([]);
  });

  it('brings sources along in its source maps, so that a debugger shows them', () => {
    const maps = packed.filter((path) => path.endsWith('.js.map'));

    const brought = maps.flatMap((path) => {
      const file = join(project, 'node_modules/sluice', path);
      const { sources, sourcesContent } = JSON.parse(readFileSync(file, 'utf8'));
      return sources.map((source: string, place: number) => [source, typeof sourcesContent?.[place]]);
    });

    expect(brought).toContainEqual(['../lib/processor/processor.ts', 'string']);
    expect(brought.filter(([, content]) => content !== 'string')).toEqual([]);
  });

  it.for(['typescript', 'typescript-5.9'] as const)(
    'is imported by the first example, compiled with %s',
    async (compiler) => {
      // Every declaration is checked (`skipLibCheck` off), and without Node types, as in a browser project.
      const compilerOptions = {
        target: 'ESNext',
        module: 'NodeNext',
        strict: true,
        types: [],
        outDir: compiler,
      };
      write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['example.ts'] }));
      write('example.ts', example);

      const compiled = await tsc(compiler, project);
      const ran = await node([`${compiler}/example.js`], project);

      expect(compiled).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(ran).toEqual({ code: 0, stdout: "[ 'stressed desserts' ]\n", stderr: '' });
    },
  );

  it('is required from CommonJS', async () => {
    write('required.cjs', required);

    const ran = await node(['required.cjs'], project);

    expect(ran).toMatchObject({ code: 0, stdout: "[ 'stressed desserts' ]\n" });
  });

  it.for(['required from CommonJS', 'imported'])('has sluice/testing %s, without fast-check', async (how) => {
    const imported = kit.replace(/const (.*) = require\((.*)\);/g, 'import $1 from $2;');
    const file = how === 'imported' ? 'kit.mjs' : 'kit.cjs';
    write(file, how === 'imported' ? imported : kit);

    const { code, stdout } = await node([file], project);

    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'graphs() needs fast-check: npm install --save-dev fast-check\n{ length: [ 6 ] }\n',
    });
  });

  it('serves the page of a viewer, with all that it needs', async () => {
    write('viewer.mjs', viewer);

    const { code, stdout, stderr } = await node(['viewer.mjs'], project);

    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '200 text/html\n200 text/javascript\n200 text/javascript\n200 text/css\n',
      stderr: '',
    });
  });

  it.for(['required from CommonJS', 'imported'])('says what a worker thread needs: %s', async (how) => {
    const file = writeWorkers(how);

    const { code, stdout } = await node([file], project);

    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'no-workers worker threads need piscina, which is not installed: npm install piscina\n',
    });
  });

  it.for(['required from CommonJS', 'imported'])(
    'runs in worker threads what it is to, which idle do not keep it from its end: %s',
    async (how) => {
      const file = writeWorkers(how);
      mkdirSync(join(project, 'node_modules/piscina'), { recursive: true });
      cpSync(join(root, 'node_modules/piscina'), join(project, 'node_modules/piscina'), { recursive: true });

      const digest = createHash('sha256').update('sluice').digest('hex').slice(0, 8);

      const { code, stdout, stderr } = await node([file], project);

      expect({ code, stdout, stderr }).toEqual({
        code: 0,
        stdout: `{ hash: [ '${digest}' ] }\n`,
        stderr: '',
      });
    },
  );

  function writeWorkers(how: string): string {
    write('hash.mjs', hash);
    const imported = inWorker
      .replace(/const (.*) = require\((.*)\);/g, 'import $1 from $2;')
      .replace('__dirname', 'import.meta.dirname');
    const file = how === 'imported' ? 'worker.mjs' : 'worker.cjs';
    write(file, how === 'imported' ? imported : inWorker);
    return file;
  }

  function write(name: string, text: string): void {
    writeFileSync(join(project, name), text);
  }
});

/** On Windows a path in a source map has its backslashes doubled. */
function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}
