import type { Tracer } from '../processor/host.ts';
import type { LiveMessage, Run } from '../queue/message.ts';
import { type Clock, systemClock } from '../support/clock.ts';
import { Ring } from '../support/ring.ts';
import type { TraceOptions } from './options.ts';
import { Trace, type TracedCall, type TracedMessage } from './trace.ts';

/** A message that was sent, in numbers. */
interface Sent {
  readonly number: number;
  readonly node: string;
  readonly madeFrom: LiveMessage['madeFrom'];
  readonly at: number;
}

/** A call of a function, in numbers. */
interface Began {
  readonly node: string;
  /** The messages it works on: several at a join, or in a batch. */
  readonly on: LiveMessage['madeFrom'];
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
  readonly #stories = new Map<number, Story>();
  /** In the order of handing in: a map takes longer and longer to find the first of what it held. */
  readonly #roots = new Ring<number>();

  constructor(run: Run, now: () => number, keep: number) {
    this.#run = run;
    this.#now = now;
    this.#keep = keep;
  }

  sent(node: string, { number, madeFrom, origin }: LiveMessage): void {
    const note = { number, node, madeFrom, at: this.#now() };
    if (madeFrom === undefined) this.#open(number);
    this.#tell(origin.roots, (story) => story.sent.push(note));
  }

  began(
    node: string,
    { number, madeFrom, origin }: LiveMessage,
    isFrame: boolean,
  ): (outcome: TracedCall['outcome']) => void {
    const note: Began = {
      node,
      on: isFrame ? madeFrom : number,
      at: this.#now(),
      endedAt: undefined,
      outcome: 'running',
    };
    this.#tell(origin.roots, (story) => story.calls.push(note));
    return (outcome) => {
      note.endedAt = this.#now();
      note.outcome = outcome;
    };
  }

  /** What became of the input that has this id, or that a message of this id descends from. */
  trace(id: string): Trace | undefined {
    for (const story of this.#stories.values()) {
      if (!story.sent.some(({ number }) => this.#run.idOf(number) === id)) continue;
      return new Trace(this.#tree(story));
    }
    return undefined;
  }

  #open(root: number): void {
    this.#stories.set(root, { sent: [], calls: [] });
    this.#roots.push(root);
    if (this.#roots.size > this.#keep) this.#stories.delete(this.#roots.shift() as number);
  }

  #tell(roots: number | readonly number[], note: (story: Story) => void): void {
    for (const root of listOf(roots)) {
      const story = this.#stories.get(root);
      if (story !== undefined) note(story);
    }
  }

  #tree({ sent, calls }: Story): TracedMessage {
    const madeFrom = byNumber(sent, (message) => listOf(message.madeFrom));
    const workedOn = byNumber(calls, (call) => listOf(call.on));
    // One object for each message: what a join made is reached by every branch, and twice as often by each join behind it.
    const traced = new Map<number, TracedMessage>();
    const trace = (message: Sent): TracedMessage => {
      const known = traced.get(message.number);
      if (known !== undefined) return known;
      const made = madeFrom.get(message.number) ?? [];
      const one: TracedMessage = {
        id: this.#run.idOf(message.number),
        node: message.node,
        calls: (workedOn.get(message.number) ?? []).map((call) => ({
          node: call.node,
          outcome: call.outcome,
          waited: call.at - message.at,
          ran: (call.endedAt ?? this.#now()) - call.at,
          sent: made.filter(({ node }) => node === call.node).map(trace),
        })),
      };
      traced.set(message.number, one);
      return one;
    };
    return trace(sent[0] as Sent);
  }
}

/** By each of the messages that a note names. */
function byNumber<Note>(
  notes: readonly Note[],
  numbersOf: (note: Note) => readonly number[],
): Map<number, Note[]> {
  const found = new Map<number, Note[]>();
  for (const note of notes) {
    for (const number of numbersOf(note)) {
      const others = found.get(number);
      if (others === undefined) found.set(number, [note]);
      else others.push(note);
    }
  }
  return found;
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
