/** What a web request pays. */
import fastq from 'fastq';
import { connect, firstValueFrom, of as just, map, merge, share, toArray, zip } from 'rxjs';
import type { Work } from '../measure.ts';
import { dot, lower, plumber, readingSignal, request, same, upper } from './request.ts';

const calls = 10_000;
const SIGNAL = 'Sluice: create, call, stop; signal read';

async function pipelineEach(from: typeof plumber): Promise<void> {
  for (let call = 0; call < calls; call++) await request(from);
}

async function pipelineShared(): Promise<void> {
  const pipeline = plumber.createPipeline();
  for (let call = 0; call < calls; call++) await pipeline.call('abc');
  await pipeline.stop();
}

async function rxjsEach(): Promise<void> {
  for (let call = 0; call < calls; call++) {
    const outputs = just('abc').pipe(
      map(dot),
      connect((n1) => {
        const n2 = n1.pipe(map(upper), share());
        const n3 = zip(n1, n2).pipe(map(([a, b]) => lower({ n1: a, n2: b })));
        return merge(n3, n2).pipe(map(same));
      }),
      toArray(),
    );
    await firstValueFrom(outputs);
  }
}

async function fastqShared(): Promise<void> {
  const n4 = fastq.promise(async (text: string) => same(text), 1);
  const n3 = fastq.promise(async (row: { n1: string; n2: string }) => lower(row), 1);
  const n2 = fastq.promise(async (text: string) => upper(text), 1);
  const n1 = fastq.promise(async (text: string) => dot(text), 1);
  for (let call = 0; call < calls; call++) {
    const one = await n1.push('abc');
    const two = await n2.push(one);
    await Promise.all([n4.push(two), n3.push({ n1: one, n2: two }).then((three) => n4.push(three))]);
  }
}

export const requests: Work = {
  title: 'request through five nodes',
  unit: 'µs',
  cases: [
    { name: 'Sluice: create, call, stop', units: calls, run: () => pipelineEach(plumber) },
    { name: SIGNAL, units: calls, run: () => pipelineEach(readingSignal) },
    { name: 'RxJS: subscribe to the end', units: calls, run: rxjsEach },
    { name: 'Sluice: call when shared', units: calls, run: pipelineShared },
    { name: 'four shared fastq queues', units: calls, run: fastqShared },
  ],
  targets: [
    { case: 'Sluice: create, call, stop', against: 'RxJS: subscribe to the end', atMost: 1 },
    { case: 'Sluice: call when shared', against: 'four shared fastq queues', atMost: 1 },
  ],
  budgets: { 'Sluice: create, call, stop': 3, [SIGNAL]: 6, 'Sluice: call when shared': 1.5 },
};
