// What the worker threads of demos/11-workers.ts load.
import { scryptSync } from 'node:crypto';
import type { WorkerContext } from 'sluice';

/** Keeps its thread busy for some milliseconds, and never pauses. */
export function hash(bytes: Uint8Array, { args }: WorkerContext<{ salt: string }>): string {
  return scryptSync(bytes, args.salt, 16, { N: 4096 }).toString('hex');
}
