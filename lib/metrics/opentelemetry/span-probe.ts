import { isJoin, type NodePlan } from '../../graph/plan.ts';
import type { Run } from '../../processor/attempt.ts';
import { asPromise, openIterator } from '../../processor/iterate.ts';
import type { Probe } from '../../processor/probing.ts';
import { chain, isDone, Wrapped } from '../../processor/pulling.ts';
import type { AnyIterator } from '../../processor/slot.ts';
import type { LiveMessage } from '../../queue/message.ts';
import {
  type Context,
  context,
  type Span,
  type SpanContext,
  type Tracer,
  trace,
} from '../../support/opentelemetry.ts';
import { failed } from './failed.ts';
import { Latest } from './latest.ts';

/** Where the messages that a node works on come from. */
export interface Senders {
  /** The span that has sent a message; `undefined` if it is not known. */
  senderOf(number: number): SpanContext | undefined;
  /** What to work in instead. */
  contextOf(message: LiveMessage): Context;
}

/** Calls of one node of which is known what they work on. */
const MOST = 10_000;

/** Makes the spans of one node's calls. */
export class SpanProbe implements Probe {
  readonly #plan: NodePlan;
  readonly #tracer: Tracer;
  readonly #senders: Senders;
  /** By the number of a message that the call works on. */
  readonly #spans = new Latest<number, SpanContext>(MOST);

  constructor(plan: NodePlan, tracer: Tracer, senders: Senders) {
    this.#plan = plan;
    this.#tracer = tracer;
    this.#senders = senders;
  }

  /** The span of the call that worked on a message. */
  spanOn(number: number): SpanContext | undefined {
    return this.#spans.get(number);
  }

  around(run: Run): Run {
    return (input, callContext) => {
      const message = callContext.message as LiveMessage;
      const span = this.#begin(message);
      const within = trace.setSpan(context.active(), span);
      return ended(span, within, this.#plan.many, () =>
        context.with(within, run, undefined, input, callContext),
      );
    };
  }

  aroundItems(iterator: AnyIterator): AnyIterator {
    return iterator;
  }

  blocked(): void {}

  freed(): void {}

  #begin(message: LiveMessage): Span {
    const { name } = this.#plan;
    const numbers = this.#numbersOf(message);
    const [parent, ...others] = new Set(numbers.flatMap((number) => this.#senders.senderOf(number) ?? []));
    const outer = this.#senders.contextOf(message);
    const within = parent === undefined ? outer : trace.setSpanContext(outer, parent);
    const attributes = { 'sluice.node': name, 'sluice.message.id': message.id };
    const span = this.#tracer.startSpan(
      name,
      { attributes, links: others.map((sender) => ({ context: sender })) },
      within,
    );
    for (const number of numbers) this.#spans.set(number, span.spanContext());
    return span;
  }

  /** Of a row or a batch, those of the messages it is a frame around. */
  #numbersOf({ number, madeFrom }: LiveMessage): readonly number[] {
    const isFrame = isJoin(this.#plan.fanIn) || this.#plan.batch !== undefined;
    if (!isFrame || madeFrom === undefined) return [number];
    return typeof madeFrom === 'number' ? [madeFrom] : madeFrom;
  }
}

/** Ends a span when what an act returns has settled; where that is unrolled, when it has no more. */
function ended(span: Span, within: Context, isMany: boolean, act: () => unknown): unknown {
  try {
    const answer = act();
    const given = isMany ? chain(answer, (iterable) => items(iterable, span, within)) : answer;
    const promise = asPromise(given);
    if (promise === undefined) {
      if (!(given instanceof SpannedItems)) span.end();
      return given;
    }
    promise.then(
      (value) => {
        if (!(value instanceof SpannedItems)) span.end();
      },
      (error) => {
        failed(span, error);
        span.end();
      },
    );
    return promise;
  } catch (error) {
    failed(span, error);
    span.end();
    throw error;
  }
}

/** What cannot be unrolled is the engine's to complain of. */
function items(iterable: unknown, span: Span, within: Context): unknown {
  const iterator = openIterator(iterable);
  return iterator === undefined ? iterable : new SpannedItems(iterator, span, within);
}

/** Items that are made inside their call's span. */
class SpannedItems extends Wrapped {
  readonly #span: Span;
  readonly #within: Context;

  constructor(inner: AnyIterator, span: Span, within: Context) {
    super(inner);
    this.#span = span;
    this.#within = within;
  }

  next(): unknown {
    const take = (result: unknown): unknown => {
      if (isDone(result)) this.#span.end();
      return result;
    };
    try {
      const result = context.with(this.#within, () => this.inner.next());
      const promise = asPromise(result);
      return promise?.then(take, (error) => this.#fail(error)) ?? take(result);
    } catch (error) {
      return this.#fail(error);
    }
  }

  override return(): unknown {
    this.#span.end();
    return context.with(this.#within, () => super.return());
  }

  #fail(error: unknown): never {
    failed(this.#span, error);
    this.#span.end();
    throw error;
  }
}
