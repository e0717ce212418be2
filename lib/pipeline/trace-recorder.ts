import type { Tracer } from '../processor/host.ts';
import type { LiveMessage, Run } from '../queue/message.ts';
import { type Clock, systemClock } from '../support/clock.ts';
import type { TraceOptions } from './options.ts';
import { Trace, type TracedCall, type TracedMessage } from './trace.ts';

/** A message that was sent, in numbers. */
interface Sent {
  readonly number: number;
  readonly node: string;
  readonly madeFrom: readonly number[];
  readonly at: number;
}

/** A call of a function, in numbers. */
interface Began {
  readonly node: string;
  /** The messages it works on: several at a join, or in a batch. */
  readonly on: readonly number[];
  readonly at: number;
  endedAt: number | undefined;
  outcome: TracedCall['outcome'];
}

/** What became of the inputs that share a root. */
interface Story {
  readonly sent: Sent[];
  readonly calls: Began[];
}

/** Notes what becomes of inputs, the latest of them; made only when tracing is on. */
export class TraceRecorder implements Tracer {
  readonly #run: Run;
  readonly #now: () => number;
  readonly #keep: number;
  // In the order of handing in, so that the oldest is first.
  readonly #stories = new Map<number, Story>();

  constructor(run: Run, now: () => number, keep: number) {
    this.#run = run;
    this.#now = now;
    this.#keep = keep;
  }

  sent(node: string, { number, madeFrom, origin }: LiveMessage): void {
    const note = { number, node, madeFrom: listOf(madeFrom), at: this.#now() };
    if (note.madeFrom.length === 0) this.#open(number);
    for (const story of this.#storiesOf(origin.roots)) story.sent.push(note);
  }

  began(
    node: string,
    { number, madeFrom, origin }: LiveMessage,
    isFrame: boolean,
  ): (outcome: TracedCall['outcome']) => void {
    const note: Began = {
      node,
      on: isFrame ? listOf(madeFrom) : [number],
      at: this.#now(),
      endedAt: undefined,
      outcome: 'running',
    };
    for (const story of this.#storiesOf(origin.roots)) story.calls.push(note);
    return (outcome) => {
      note.endedAt = this.#now();
      note.outcome = outcome;
    };
  }

  /** What became of the input that has this id, or that a message of this id descends from. */
  trace(id: string): Trace | undefined {
    for (const [root, story] of this.#stories) {
      if (!story.sent.some(({ number }) => this.#run.idOf(number) === id)) continue;
      return new Trace(this.#tree(story.sent[0] as Sent, story, root));
    }
    return undefined;
  }

  #open(root: number): void {
    this.#stories.set(root, { sent: [], calls: [] });
    if (this.#stories.size <= this.#keep) return;
    const [oldest] = this.#stories.keys();
    this.#stories.delete(oldest as number);
  }

  #storiesOf(roots: number | readonly number[]): Story[] {
    return listOf(roots).flatMap((root) => this.#stories.get(root) ?? []);
  }

  #tree(message: Sent, story: Story, root: number): TracedMessage {
    const calls = story.calls.filter(({ on }) => on.includes(message.number));
    return {
      id: this.#run.idOf(message.number),
      node: message.node,
      calls: calls.map((call): TracedCall => {
        const end = call.endedAt ?? this.#now();
        const made = story.sent.filter(
          ({ node, madeFrom }) => node === call.node && madeFrom.includes(message.number),
        );
        return {
          node: call.node,
          outcome: call.outcome,
          waited: call.at - message.at,
          ran: end - call.at,
          sent: made.map((one) => this.#tree(one, story, root)),
        };
      }),
    };
  }
}

/** @param trace the option of that name */
export function tracerOf(
  trace: boolean | TraceOptions | undefined,
  run: Run,
  clock: Clock,
): TraceRecorder | undefined {
  if (trace === undefined || trace === false) return undefined;
  const { keep = 1000 } = trace === true ? {} : trace;
  // Finer than the clock of this machine, which counts whole ms.
  const now = clock === systemClock ? (): number => performance.now() : (): number => clock.now();
  return new TraceRecorder(run, now, keep);
}

function listOf(numbers: number | readonly number[] | undefined): readonly number[] {
  if (numbers === undefined) return [];
  return typeof numbers === 'number' ? [numbers] : numbers;
}
