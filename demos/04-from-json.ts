/**
 * A graph from a JSON document, written for the Python library `pipelines`: it loads as it is. What it may call is what
 * the registry holds, and nothing else.
 *
 * Run: npx tsx demos/04-from-json.ts
 *
 * Prints:
 *   CBA FED IHG cba fed ihg
 *   nodes.n2.coro: the registry has no function "uper". ...
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphError, Plumber } from 'sluice';

const registry = {
  words: ({ args }: { args: { words: string[] } }) => args.words,
  reverse: (text: string) => [...text].reverse().join(''),
  upper: (text: string) => text.toUpperCase(),
  lowerFirst: (row: Record<string, string>) => Object.values(row)[0]?.toLowerCase(),
  same: (text: string) => text,
};
const json = await readFile(join(import.meta.dirname, '04-from-json.json'), 'utf8');

const plumber = new Plumber(JSON.parse(json), { registry });
const outputs: unknown[] = [];
for await (const text of plumber.createPipeline()) outputs.push(text);
console.log(outputs.sort().join(' '));

try {
  new Plumber(JSON.parse(json.replace('upper', 'uper')), { registry });
} catch (error) {
  if (error instanceof GraphError) console.log(error.message);
}
