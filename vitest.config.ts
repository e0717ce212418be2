import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** `vitest --mode laws` is the long run of the property specs; everything else is the short one. */
const runs = { short: '200', laws: '2000' };
/** Items that pass through graphs with all options at random, at least. */
const items = { short: '0', laws: '1000000' };
/** Requests to a server whose heap is looked at. */
const requests = { short: '20000', laws: '100000' };

export default defineConfig(({ mode }) => ({
  resolve: {
    // Specs import the package by its name; here that means its sources, so that coverage counts them.
    alias: [
      { find: /^sluice$/, replacement: fileURLToPath(new URL('lib/index.ts', import.meta.url)) },
      { find: /^sluice\/([\w/]+)$/, replacement: fileURLToPath(new URL('lib/$1/index.ts', import.meta.url)) },
    ],
  },
  test: {
    include: ['spec/**/*.spec.ts'],
    env: {
      LAWS_RUNS: process.env.LAWS_RUNS ?? (mode === 'laws' ? runs.laws : runs.short),
      HEAP_REQUESTS: process.env.HEAP_REQUESTS ?? (mode === 'laws' ? requests.laws : requests.short),
      LAWS_ITEMS: process.env.LAWS_ITEMS ?? (mode === 'laws' ? items.laws : items.short),
    },
    testTimeout: mode === 'laws' ? 600_000 : 60_000,
    hookTimeout: 120_000,
    coverage: {
      provider: 'v8',
      include: ['lib/**/*.ts'],
      // What runs in a browser: a spec has it run in one.
      exclude: ['lib/**/page/**'],
      reporter: ['text', 'html'],
      thresholds: { lines: 95, branches: 95 },
    },
  },
}));
