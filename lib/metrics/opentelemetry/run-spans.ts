import { maxMessages } from '../../graph/bound.ts';
import type { ObservedRun } from '../../pipeline/observer.ts';
import { attachProbe, detachProbe } from '../../processor/probing.ts';
import type { LiveMessage } from '../../queue/message.ts';
import {
  type Context,
  context,
  type Span,
  type SpanContext,
  type Tracer,
  trace,
} from '../../support/opentelemetry.ts';
import { Latest } from './latest.ts';
import { type Senders, SpanProbe } from './span-probe.ts';

/** Messages of which is known who sent them: at least so many, and as many as the graph can hold. */
const LEAST = 1000;
const MOST = 100_000;

/** The spans of one pipeline: knows which span has sent which message. */
export class RunSpans implements Senders {
  readonly #run: ObservedRun;
  /** By the caller that messages belong to. */
  readonly #calls: ReadonlyMap<unknown, Span>;
  readonly #senders: Latest<number, SpanContext>;
  readonly #probes: ReadonlyMap<string, SpanProbe>;
  readonly #deaf: () => void;

  constructor(run: ObservedRun, tracer: Tracer, calls: ReadonlyMap<unknown, Span>) {
    const most = Math.min(Math.max(2 * maxMessages(run.plan), LEAST), MOST);
    this.#run = run;
    this.#calls = calls;
    this.#senders = new Latest(most);
    this.#probes = new Map(
      run.processors.map((node) => [node.name, new SpanProbe(node.plan, tracer, this, most)]),
    );
    for (const node of run.processors) attachProbe(node, this.#probes.get(node.name) as SpanProbe);
    this.#deaf = run.watch.on('message', ({ message }) => this.#sent(message as LiveMessage));
  }

  /** By number, since of a row's messages nothing else is known. */
  senderOf(number: number): SpanContext | undefined {
    return this.#senders.get(number);
  }

  /** The same of a message that was sent without a word: a dead letter. */
  makerOf({ node, madeFrom }: LiveMessage): SpanContext | undefined {
    const first = typeof madeFrom === 'number' ? madeFrom : madeFrom?.[0];
    return first === undefined ? undefined : this.#probes.get(node)?.spanOn(first);
  }

  /** The caller's span, where there is one, in the context of whoever handed in what this descends from. */
  contextOf({ origin }: LiveMessage): Context {
    const call = this.#calls.get(origin.owner);
    return call === undefined ? context.active() : trace.setSpan(context.active(), call);
  }

  stop(): void {
    this.#deaf();
    for (const node of this.#run.processors) detachProbe(node, this.#probes.get(node.name) as SpanProbe);
  }

  #sent(message: LiveMessage): void {
    const { number, madeFrom, origin } = message;
    // A subgraph's inlet has no function, and so no span: it only hands on.
    const sender =
      madeFrom === undefined
        ? this.#calls.get(origin.owner)?.spanContext()
        : (this.makerOf(message) ??
          this.#senders.get(typeof madeFrom === 'number' ? madeFrom : (madeFrom[0] as number)));
    if (sender !== undefined) this.#senders.set(number, sender);
  }
}
