import { beforeEach } from 'vitest';

const seen: typeof globalThis & { hasFailed?: boolean } = globalThis;

// Told to stop at the first failure, vitest still loads every spec that is left. Here that takes longer than most mutants.
if (seen.hasFailed === true) throw new Error('a spec before this one has failed');

beforeEach(({ onTestFailed }) => {
  onTestFailed(() => {
    seen.hasFailed = true;
  });
});
