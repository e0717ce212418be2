/**
 * One pipeline for all requests, made once. A call resolves with what came of its own input, and where a function fails
 * on it, that call alone rejects.
 *
 * Run: npx tsx demos/06-shared-pipeline.ts
 *
 * Prints:
 *   call 13: node half: run failed: 13 is unlucky
 *   999 of 1000 calls were answered, 999 of them right
 */
import { createPipeline, inlet } from 'sluice';

const pipeline = createPipeline({
  nodes: {
    number: inlet<number>(),
    half: { run: halve, concurrency: 10 },
    square: (number: number) => number ** 2,
    answer: (row: { half: number; square: number }) => row,
  },
  graph: { number: ['half', 'square'], half: ['answer'], square: ['answer'], answer: null },
});

async function halve(number: number): Promise<number> {
  if (number === 13) throw new Error('13 is unlucky');
  return number / 2;
}

let answered = 0;
let right = 0;

async function request(number: number): Promise<void> {
  try {
    const { answer } = await pipeline.call(number);
    answered++;
    if (answer[0]?.half === number / 2 && answer[0].square === number ** 2) right++;
  } catch (error) {
    console.log(`call ${number}: ${(error as Error).message}`);
  }
}

await Promise.all(Array.from({ length: 1000 }, (_, number) => request(number)));
console.log(`${answered} of 1000 calls were answered, ${right} of them right`);
await pipeline.stop();
