/**
 * From a Node stream into a pipeline, and out of it into a Node stream and a web stream, with the helpers of the
 * platform. Backpressure holds all the way: the slow writer at one end paces the reader at the other.
 *
 * Run: npx tsx demos/05-streams.ts
 *
 * Prints:
 *   10000 lines read, 10000 written, 98894 characters through the web stream
 *   never more than 64 lines between reading and writing: true
 */
import { Readable, Writable } from 'node:stream';
import { pipeline as pipe } from 'node:stream/promises';
import { ReadableStream } from 'node:stream/web';
import { createPipeline, inlet } from 'sluice';

let read = 0;
let written = 0;
let most = 0;

const source = Readable.from(lines(10_000));
function* lines(count: number): Generator<string> {
  while (read < count) yield `line ${++read}`;
}

const slowWriter = new Writable({
  objectMode: true,
  write(_line, _encoding, done) {
    written++;
    most = Math.max(most, read - written);
    setImmediate(done);
  },
});

const pipeline = createPipeline(
  {
    nodes: { line: inlet<string>(), upper: (line: string) => `${line.toUpperCase()}\n` },
    graph: { line: ['upper'] },
  },
  { inputs: { line: source } },
);

// Both read every output; the slower of them sets the pace.
const nodeStream = Readable.from(pipeline.outputs('upper'));
const webStream = ReadableStream.from(pipeline.outputs('upper'));

const count = async () => {
  let characters = 0;
  for await (const text of webStream) characters += text.length;
  return characters;
};
const [characters] = await Promise.all([count(), pipe(nodeStream, slowWriter)]);

console.log(`${read} lines read, ${written} written, ${characters} characters through the web stream`);
console.log(`never more than 64 lines between reading and writing: ${most <= 64}`);
