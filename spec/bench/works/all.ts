import type { Work } from '../measure.ts';
import { chain, synchronousChain } from './chain.ts';
import { noOps, ticks } from './concurrency.ts';
import { context } from './context.ts';
import { fanOutDegrees, mergeDegrees } from './degrees.ts';
import { events, metrics, tracing } from './extras.ts';
import { diamond, fanOut, fiveNodes, merge } from './graphs.ts';
import { pool } from './pool.ts';
import { requests } from './requests.ts';
import { kilobytes, megabytes, queueSizes, rowLengths } from './sweeps.ts';
import { hardHashes, quickHashes } from './workers.ts';

export const works: readonly Work[] = [
  ...[chain, synchronousChain],
  ...[noOps, ticks],
  ...[diamond, fiveNodes, fanOut, merge, fanOutDegrees, mergeDegrees],
  requests,
  ...[queueSizes, kilobytes, megabytes, rowLengths],
  ...[context, events, metrics, tracing, pool],
  ...[hardHashes, quickHashes],
];
