import type { PipelineEvents } from '../pipeline/events.ts';
import type { ObservedRun } from '../pipeline/observer.ts';
import type { Graph, Problem, Problems } from './protocol.ts';
import { codeOf, errorText, payloadText, stackOf } from './shown.ts';

/** Problems that are kept. */
const MOST = 100;
/** Problems that are written down in one second; more of them are counted, which costs nothing. */
const MOST_A_SECOND = 50;

/** The last errors and dead letters, in words: nothing of the pipelines is kept alive by them. */
export class ProblemLog {
  readonly #showsPayloads: boolean;
  readonly #now: () => number;
  #list: Problem[] = [];
  #count = 0;
  #second = 0;
  #inSecond = 0;

  constructor(showsPayloads: boolean, now: () => number) {
    this.#showsPayloads = showsPayloads;
    this.#now = now;
  }

  /** Of all that happened. */
  get count(): number {
    return this.#count;
  }

  /** Those that came after so many, the newest first. */
  after(count: number): Problems {
    return { count: this.#count, list: this.#list.filter(({ number }) => number > count).toReversed() };
  }

  failed(pipeline: number, { error, action }: PipelineEvents['error']): void {
    const message = error.input as { readonly payload: unknown } | undefined;
    this.#note(() => ({
      kind: action === 'dead-letter' ? 'dead-letter' : 'error',
      ...{ pipeline, node: error.node, text: errorText(error), stack: stackOf(error) },
      outcome: outcomeOf(error, action),
      ...(this.#showsPayloads && message !== undefined && { payload: payloadText(message.payload) }),
    }));
  }

  ended(pipeline: number, error: unknown): void {
    this.#note(() => ({
      ...{ kind: 'pipeline', pipeline, node: null, text: errorText(error), stack: stackOf(error) },
      outcome: codeOf(error) ?? 'failed',
    }));
  }

  #note(problem: () => Omit<Problem, 'number' | 'atMs'>): void {
    this.#count++;
    const atMs = this.#now();
    const second = Math.floor(atMs / 1000);
    if (second !== this.#second) this.#inSecond = 0;
    this.#second = second;
    if (++this.#inSecond > MOST_A_SECOND) return;
    this.#list.push({ ...problem(), number: this.#count, atMs });
    if (this.#list.length > MOST) this.#list.shift();
  }
}

function outcomeOf(
  error: PipelineEvents['error']['error'],
  action: PipelineEvents['error']['action'],
): string {
  const what = { fail: 'failed', skip: 'skipped', 'dead-letter': 'dead letter' }[action];
  return 'attempts' in error && error.attempts > 1 ? `${what} after ${error.attempts} attempts` : what;
}

/** What failed in a pipeline that ran before it was looked at. */
export function failedBefore(run: Pick<ObservedRun, 'summary'>, untilMs: number): Graph['before'] {
  let count = 0;
  for (const { failed, deadLettered } of Object.values(run.summary().nodes)) count += failed + deadLettered;
  return count === 0 ? null : { failed: count, untilMs };
}
