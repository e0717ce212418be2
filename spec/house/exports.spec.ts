import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sluice from 'sluice';
import * as metrics from 'sluice/metrics';
import * as opentelemetry from 'sluice/metrics/opentelemetry';
import * as prometheus from 'sluice/metrics/prometheus';
import * as testing from 'sluice/testing';
import * as viewer from 'sluice/viewer';
import { afterEach, describe, expect, it } from 'vitest';
import { type FrontDoor, frontDoor } from './front-door.ts';
import { root } from './repo.ts';

/** The public surface at run time. A name added or removed here belongs in the changelog. */
const exported = [
  'DEFAULT_LIMITS',
  'GraphError',
  'OverflowError',
  'Plumber',
  'Pool',
  'ProcessorError',
  'SluiceError',
  'StallError',
  'StoppedError',
  'TimeoutError',
  'ValidationError',
  'WorkerError',
  'Workers',
  'createPipeline',
  'fromModule',
  'inlet',
  'parseDefinition',
];

/** The same of each subpath. */
const exportedForTesting = [
  'ExplorationError',
  'atRest',
  'explore',
  'graphs',
  'invalidGraphs',
  'simulate',
  'sinkProbe',
  'sourceProbe',
  'virtualClock',
  'withoutLeaks',
];

describe.each<[string, string, object, readonly string[]]>([
  ['the front door', 'lib/index.ts', sluice, exported],
  ['sluice/testing', 'lib/testing/index.ts', testing, exportedForTesting],
  ['sluice/metrics', 'lib/metrics/index.ts', metrics, ['measure']],
  ['sluice/metrics/prometheus', 'lib/metrics/prometheus/index.ts', prometheus, ['toPrometheus']],
  [
    'sluice/metrics/opentelemetry',
    'lib/metrics/opentelemetry/index.ts',
    opentelemetry,
    ['toMeter', 'toTracer'],
  ],
  ['sluice/viewer', 'lib/viewer/index.ts', viewer, ['serveViewer']],
])('%s', (_, path, module, names) => {
  it('exports these names at run time and no other', () => {
    expect(Object.keys(module).sort()).toEqual([...names].sort());
  });

  it('lets each out under its own name, which consoles and loggers show', () => {
    const entries = Object.entries<{ readonly name?: string }>({ ...module });
    // A constant has no name of its own.
    const functions = entries.filter(
      ([name, value]) => name !== name.toUpperCase() || typeof value === 'function',
    );

    expect(functions.map(([, value]) => value.name)).toEqual(functions.map(([name]) => name));
  });

  it('names each thing it lets out, types included, and each has a doc comment where it is declared', () => {
    const door = frontDoor(join(root, path));

    expect(door.names).toEqual(expect.arrayContaining([...names]));
    expect(door.faults).toEqual([]);
  });
});

describe('the reading of a front door', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it('follows a name to its declaration, through other modules and under another name', () => {
    const door = read({
      'index.ts': "export { type B, c as d } from './middle.ts';",
      'middle.ts': "export { type B, c } from './deep.ts';",
      'deep.ts': '/** A type. */\nexport interface B {}\n/** A value. */\nexport const c = 1;',
    });

    expect(door).toEqual({ names: ['B', 'd'], faults: [] });
  });

  it('finds a value and a type without a doc comment', () => {
    const door = read({
      'index.ts': "export { type B, c, d } from './deep.ts';",
      'deep.ts':
        'export interface B {}\n// Not a doc comment.\nexport const c = 1;\n/** One. */\nexport function d() {}',
    });

    expect(door.faults).toEqual(['B has no doc comment', 'c has no doc comment']);
  });

  it('finds an export of everything and a declaration of its own', () => {
    const door = read({
      'index.ts': "export * from './deep.ts';\n/** Two. */\nexport const d = 2;",
      'deep.ts': '/** One. */\nexport const c = 1;',
    });

    expect(door.faults).toEqual([
      "not a list of names: export * from './deep.ts';",
      'not a list of names: export const d = 2;',
    ]);
  });

  function read(files: Record<string, string>): FrontDoor {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-door-'));
    folders.push(folder);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return frontDoor(join(folder, 'index.ts'));
  }
});
