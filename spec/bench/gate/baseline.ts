import { readFile, writeFile } from 'node:fs/promises';
import type { Baseline } from './verdict.ts';

const file = new URL('baseline.json', import.meta.url);
const [major = ''] = process.versions.node.split('.');

/** By the major version of Node.js, each of which has another V8. */
async function baselines(): Promise<Readonly<Record<string, Baseline>>> {
  return JSON.parse(await readFile(file, 'utf8'));
}

/** For the Node.js that runs; `undefined` when none was made for it. */
export async function readBaseline(): Promise<Baseline | undefined> {
  return (await baselines())[major];
}

export async function writeBaseline(baseline: Baseline): Promise<void> {
  const all = { ...(await baselines()), [major]: baseline };
  await writeFile(file, `${JSON.stringify(all, (_key, value) => rounded(value), 2)}\n`);
}

function rounded(value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}
