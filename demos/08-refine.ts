/**
 * A text is refined until an evaluation is content with it, in at most four tries. What the evaluation sends back goes
 * round by a feedback edge; a call resolves when its text has left the loop.
 *
 * Run: npx tsx demos/08-refine.ts
 *
 * Prints:
 *   4 words after 3 tries: Water finds its way.
 *   given up after 4 tries: Sluice gates, weirs and locks
 */
import { createPipeline, inlet } from 'sluice';

interface Draft {
  readonly text: string;
  readonly tries: number;
}

const pipeline = createPipeline({
  nodes: {
    draft: inlet<Draft>(),
    // Drafts come from outside and back from `refine`, one at a time; those that come back go first.
    judge: { run: evaluate, aggregateInputs: false },
    refine: async ({ text, tries, isDone }: Judged) =>
      isDone ? null : { text: shorter(text), tries: tries + 1 },
    report: ({ text, tries, isDone, words }: Judged) => {
      if (!isDone) return null;
      return words <= 4
        ? `${words} words after ${tries} tries: ${text}.`
        : `given up after ${tries} tries: ${text}`;
    },
  },
  graph: {
    draft: ['judge'],
    judge: ['refine', 'report'],
    refine: [{ to: 'judge', feedback: true }],
  },
});

interface Judged extends Draft {
  readonly words: number;
  readonly isDone: boolean;
}

async function evaluate(draft: Draft): Promise<Judged> {
  const words = draft.text.split(' ').length;
  return { ...draft, words, isDone: words <= 4 || draft.tries === 4 };
}

/** Drops the last word. */
function shorter(text: string): string {
  return text.split(' ').slice(0, -1).join(' ');
}

const texts = ['Water finds its way in the end', 'Sluice gates, weirs and locks of the old canals'];
const answers = await Promise.all(texts.map((text) => pipeline.call({ text, tries: 0 })));
for (const { report } of answers) console.log(report[0]);
await pipeline.stop();
