/** What worker threads do in the bench: a module that they load. */
import { createHash, scryptSync } from 'node:crypto';

/** Some milliseconds: what hashes a password, though a weak one. */
export const hard = (bytes: Uint8Array): string =>
  scryptSync(bytes, 'salt', 32, { N: 1024, r: 8, p: 1 }).toString('hex');

/** Some 50 µs: less than it takes to get to another thread and back. */
export const quick = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const quickAll = (buffers: readonly Uint8Array[]): string[] => buffers.map(quick);
