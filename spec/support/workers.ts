import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { fromModule, Workers, type WorkersOptions } from 'sluice';
import { afterAll } from 'vitest';
import type * as functions from './worker-functions.ts';

const module = new URL('./worker-functions.ts', import.meta.url);
const entry = new URL('../../lib/support/worker-entry.ts', import.meta.url);

/** Functions that worker threads find. */
export const inModule = fromModule<typeof functions>(module);

/**
 * Worker threads for the specs of one file. What runs there is TypeScript, which not every version of Node.js can load: it
 * is compiled beforehand, and the threads find it in place of what they ask for.
 */
export function createWorkers(options: WorkersOptions = {}): Workers {
  compiled ??= compile();
  return new Workers({ threads: 2, execArgv: ['--require', compiled], ...options });
}

let compiled: string | undefined;

function compile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-workers-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  buildSync({
    entryPoints: [module, entry].map((url) => fileURLToPath(url)),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    entryNames: '[name]',
    bundle: true,
    platform: 'node',
    format: 'cjs',
    define: { 'import.meta.url': JSON.stringify(entry.href) },
  });
  const hook = `require('node:module')._extensions['.ts'] = (module, path) => {
    const name = require('node:path').basename(path, '.ts');
    module.exports = require(require('node:path').join(__dirname, name + '.cjs'));
  };`;
  const preload = join(folder, 'preload.cjs');
  writeFileSync(preload, hook);
  return preload;
}
