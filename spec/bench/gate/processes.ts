import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';
import type { Take } from './verdict.ts';

/**
 * V8's helper threads compile and collect when a busy machine lets them, and what they compile then differs from process to
 * process. Without them, and with fixed seeds, processes differ half as much.
 */
const STEADY = ['--single-threaded', '--hash-seed=1', '--random-seed=1'];
/** No collection falls into what is counted. */
const COUNTABLE = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

const engine = new URL('../../../dist/index.js', import.meta.url);

/**
 * Hands out a way to measure a work in a fresh process, since V8 compiles the same code differently each time. With a `factor`
 * above 1, the engine is so many times as slow there.
 */
export async function withProcesses<T>(factor: number, use: (take: Take) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-gate-'));
  try {
    // Compiled once, rather than in each process.
    const probe = await bundle(new URL('probe.ts', import.meta.url), join(folder, 'probe.mjs'));
    const asked = [`--engine=${engine}`];
    if (factor > 1) {
      const planted = await bundle(engine, join(folder, 'planted.mjs'), [plant]);
      asked.push(`--planted=${pathToFileURL(planted)}`, `--factor=${factor}`);
    }
    return await use(async (work) => {
      const node = [...STEADY, ...COUNTABLE, probe, `--title=${work}`, ...asked];
      const { stdout } = await promisify(execFile)(process.execPath, node);
      return JSON.parse(stdout);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function bundle(entry: URL, outfile: string, plugins: Plugin[] = []): Promise<string> {
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    plugins,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    logLevel: 'warning',
  });
  return outfile;
}

/** The engine makes one message for each hop. */
const CONSTRUCTOR = /\bLiveMessage = class[\s\S]*?constructor\([^)]*\) \{/;
const PLANTED = 'const planted = globalThis.sluicePlanted = { turns: 0, last: 1 };';
const LOOP = `
    let last = planted.last;
    for (let turn = planted.turns; turn > 0; turn--) last = (Math.imul(last, 1103515245) + 12345) | 0;
    planted.last = last;`;

/** Has the engine work in vain for each message; what its users wrote is as it was. */
const plant: Plugin = {
  name: 'plant',
  setup({ onLoad, onEnd }) {
    let places = 0;
    onLoad({ filter: /[\\/]dist[\\/][\w-]+\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!CONSTRUCTOR.test(text)) return { contents: text };
      places++;
      return { contents: `${PLANTED}\n${text.replace(CONSTRUCTOR, (found) => found + LOOP)}` };
    });
    onEnd(() => {
      if (places !== 1) throw new Error(`${places} places in dist/ to plant a slow-down in, not one`);
    });
  },
};
