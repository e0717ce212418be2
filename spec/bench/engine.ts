/** Copies of the engine that lack a part, to tell what that part costs where it is there. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

export type Engine = typeof import('sluice');

type Part = 'nothing' | 'async contexts' | 'events';

const root = new URL('../..', import.meta.url);

/** No message that goes its normal way asks whether somebody listens. */
const withoutEvents: Plugin = {
  name: 'without events',
  setup(plugin) {
    plugin.onLoad({ filter: /[\\/]lib[\\/](?:processor|queue)[\\/]/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(QUESTION, 'false'),
      loader: 'ts',
    }));
  },
};
const QUESTION = /\bthis\.(?:watch|gauge)\.(?:sent|skipped|isWatched|isTimed)\b/g;

/**
 * Built as dist/ is, third parties included. Each copy has code of its own, so that V8 learns nothing about one from another:
 * compare with a copy that lacks `'nothing'`. That also makes two copies of the same differ by some 5 %, each time by another.
 */
export async function engineWithout(part: Part, copy = 1): Promise<Engine> {
  const { outputFiles } = await build({
    entryPoints: ['lib/index.ts'],
    absWorkingDir: fileURLToPath(root),
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    minifySyntax: true,
    tsconfig: 'tsconfig.build.json',
    write: false,
    // As where the runtime has no AsyncLocalStorage: in a browser.
    define: part === 'async contexts' ? { 'globalThis.process': 'undefined' } : {},
    plugins: part === 'events' ? [withoutEvents] : [],
  });
  const code = `${outputFiles[0]?.text}\n// without ${part}, copy ${copy}`;
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}
