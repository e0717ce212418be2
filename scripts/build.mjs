/**
 * Builds lib/ into dist/: one bundle of code for all doors, and the declarations beside it, file by file.
 * Bundled since the bundler writes constants of other modules in place, which makes a hop 10 % cheaper: V8 loads an imported
 * one, and checks that it is there, at each use.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url);
rmSync(new URL('dist', root), { recursive: true, force: true });

for (const project of ['tsconfig.build.json', 'tsconfig.viewer.json']) {
  const compiler = ['node_modules/typescript/bin/tsc', '-p', project];
  const { status } = spawnSync(process.execPath, compiler, {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
}

/** @type {import('esbuild').BuildOptions} */
const options = {
  absWorkingDir: fileURLToPath(root),
  outdir: 'dist',
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  minifySyntax: true,
  sourcemap: true,
  tsconfig: 'tsconfig.build.json',
  logLevel: 'warning',
};
await build({
  ...options,
  entryPoints: {
    index: 'lib/index.ts',
    'testing/index': 'lib/testing/index.ts',
    'metrics/index': 'lib/metrics/index.ts',
    'metrics/prometheus/index': 'lib/metrics/prometheus/index.ts',
    'metrics/opentelemetry/index': 'lib/metrics/opentelemetry/index.ts',
    'viewer/index': 'lib/viewer/index.ts',
  },
  external: ['node:*'],
  splitting: true,
  chunkNames: 'shared-[hash]',
});
// What worker threads load stands by itself: they need nothing else of the package.
await build({ ...options, entryPoints: { 'worker-entry': 'lib/support/worker-entry.ts' } });

/**
 * What the viewer serves to browsers, with all that it needs: those who use the package install none of it.
 * @type {import('esbuild').BuildOptions}
 */
const page = {
  ...options,
  packages: 'bundle',
  platform: 'browser',
  minify: true,
  sourcemap: false,
  legalComments: 'none',
  metafile: true,
};
const built = await Promise.all([
  build({
    ...page,
    entryPoints: {
      'viewer/page': 'lib/viewer/page/main.ts',
      'viewer/layout': 'lib/viewer/page/layout-worker.ts',
    },
  }),
  build({ ...page, entryPoints: { 'viewer/page': 'lib/viewer/page/page.css' } }),
]);
const files = built.flatMap(({ metafile }) => Object.keys(metafile.inputs));
writeFileSync(new URL('dist/viewer/NOTICE.txt', root), notices(files));

/** The licences of the packages that these files are of, as they ask for. */
function notices(paths) {
  const folders = new Set(paths.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(new URL(`${folder}/package.json`, root), 'utf8'));
    const licence = readdirSync(new URL(`${folder}/`, root)).find((file) => /^licen[cs]e/i.test(file));
    if (licence === undefined) throw new Error(`${name} has no licence text to bring along`);
    return `${name} ${version}\n\n${readFileSync(new URL(`${folder}/${licence}`, root), 'utf8').trim()}\n`;
  });
  return ['page.js, page.css and layout.js contain code of these packages.\n', ...texts].join(
    `\n${'-'.repeat(72)}\n\n`,
  );
}
