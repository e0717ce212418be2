import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What most often notices a change comes first: a mutant is done with at the first spec that fails. */
const rooms = ['queue', 'processor', 'pipeline', 'laws', 'scenarios'];

const placeOf = ({ moduleId }: TestSpecification): number =>
  rooms.findIndex((room) => moduleId.includes(`/spec/${room}/`));

class UnitsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => placeOf(a) - placeOf(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

/** The specs that `npm run mutation` asks of each mutant: those that run the sources, and measure nothing. */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^sluice$/, replacement: fileURLToPath(new URL('lib/index.ts', import.meta.url)) },
      { find: /^sluice\/([\w/]+)$/, replacement: fileURLToPath(new URL('lib/$1/index.ts', import.meta.url)) },
    ],
  },
  test: {
    include: rooms.map((room) => `spec/${room}/**/*.spec.ts`),
    exclude: ['memory', 'large-graphs', 'joins', '9-fairness', 'threading', 'workers'].map(
      (name) => `**/${name}.spec.ts`,
    ),
    // Fewer, and laws that must have seen a rare case do not always.
    env: { LAWS_RUNS: process.env.LAWS_RUNS ?? '50' },
    // Every mutant gets a worker of its own in any case; its specs share that one.
    isolate: false,
    setupFiles: ['spec/support/first-failure.ts'],
    sequence: { sequencer: UnitsFirst },
    // Many mutants make a spec wait for ever.
    testTimeout: 4000,
  },
});
