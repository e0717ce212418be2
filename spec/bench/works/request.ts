/** What a web request runs: the ancestor's test graph, five plain functions with a join and a merge, two outputs an input. */
import { type Context, inlet, type Pipeline, Plumber } from 'sluice';

export const dot = (text: string): string => `${text}.`;
export const upper = (text: string): string => text.toUpperCase();
export const lower = ({ n1 }: { n1: string; n2: string }): string => n1.toLowerCase();
export const same = (text: string): string => text;

const seen = { aborted: 0 };
const upperUnlessAborted = (text: string, { signal }: Context): string => {
  if (signal.aborted) seen.aborted++;
  return text.toUpperCase();
};

interface RequestPlumber {
  createPipeline(): Pipeline<{ inp: string }, { n4: string }>;
}

function plumberWith(n2: (text: string, context: Context) => string): RequestPlumber {
  return new Plumber({
    nodes: { inp: inlet<string>(), n1: dot, n2, n3: lower, n4: { run: same, aggregateInputs: false } },
    graph: { inp: ['n1'], n1: ['n2', 'n3'], n2: ['n3', 'n4'], n3: ['n4'], n4: null },
  });
}

export const plumber: RequestPlumber = plumberWith(upper);
/** One of its functions reads its signal, which is made then. */
export const readingSignal: RequestPlumber = plumberWith(upperUnlessAborted);

/** From first to last. */
export async function request(from: RequestPlumber): Promise<void> {
  const pipeline = from.createPipeline();
  await pipeline.call('abc');
  await pipeline.stop();
}
