import { ProcessorError } from '../error/processor-error.ts';
import { SluiceError } from '../error/sluice-error.ts';
import { ValidationError } from '../error/validation-error.ts';
import { Ring } from '../support/ring.ts';
import { scheduler, type Task } from '../support/scheduler.ts';
import type { StandardSchema } from '../support/standard-schema.ts';
import { causeOf, Failure } from './attempt.ts';
import { asPromise } from './iterate.ts';
import { isNothing, Mailbox, type Ticket, type WaitingRoom } from './mailbox.ts';
import { type SchemaPhase, validate } from './validating.ts';

/** A value whose validation takes its time, or that came behind one. */
interface Check {
  readonly ticket: Ticket;
  state: 'open' | 'fits' | 'refused';
}

/** Takes only what fits a schema, in the order in which it was handed in; the rest is refused to whoever hands it in. */
export class CheckedMailbox extends Mailbox {
  readonly #schema: StandardSchema;
  readonly #phase: SchemaPhase;
  readonly #node: Task & { readonly name: string };
  readonly #checks = new Ring<Check>();
  /** What values were refused with, and why. */
  readonly #causes = new WeakMap<object, unknown>();

  constructor(
    schema: StandardSchema,
    phase: SchemaPhase,
    node: Task & { readonly name: string },
    room?: WaitingRoom,
    discarded?: () => void,
  ) {
    super(room, discarded);
    this.#schema = schema;
    this.#phase = phase;
    this.#node = node;
  }

  override get size(): number {
    return super.size + this.#checks.all.filter(({ state }) => state !== 'refused').length;
  }

  override get waiting(): Ticket[] {
    const unrefused = this.#checks.all.filter(({ state }) => state !== 'refused').map(({ ticket }) => ticket);
    return [...super.waiting, ...unrefused.filter(({ value }) => !isNothing(value))];
  }

  override get keepsWaiting(): boolean {
    return super.keepsWaiting || this.#checks.all.some(({ ticket }) => !ticket.isSettled);
  }

  override get isOver(): boolean {
    return this.#checks.size === 0 && super.isOver;
  }

  override refuseAll(reason: () => unknown): void {
    super.refuseAll(reason);
    for (let check = this.#checks.shift(); check !== undefined; check = this.#checks.shift())
      check.ticket.refuse(reason());
  }

  /** A function that does not catch what its `emit` rejected with has failed by that value. */
  override failureOf(thrown: unknown): unknown {
    const isRefusal = thrown instanceof SluiceError && this.#causes.has(thrown);
    return isRefusal ? new Failure(this.#causes.get(thrown), 1, this.#phase) : thrown;
  }

  protected override enter(ticket: Ticket): void {
    const check: Check = { ticket, state: 'open' };
    // Before it is validated: the validator may close the mailbox, or end it all.
    this.#checks.push(check);
    try {
      const value = isNothing(ticket.value)
        ? ticket.value
        : validate(this.#schema, ticket.value, this.#phase);
      const promise = asPromise(value);
      if (promise !== undefined) {
        this.#await(promise, check);
        return;
      }
      ticket.value = value;
      check.state = 'fits';
    } catch (failure) {
      this.#refuse(ticket, failure);
      check.state = 'refused';
    }
    this.#goOn();
  }

  #await(promise: Promise<unknown>, check: Check): void {
    const { ticket } = check;
    const settle = (state: Check['state']): void => {
      scheduler.enter();
      check.state = state;
      this.#goOn();
      scheduler.wake(this.#node);
    };
    promise.then(
      (value) => {
        ticket.value = value;
        settle('fits');
      },
      (failure) => {
        this.#refuse(ticket, failure);
        settle('refused');
      },
    );
  }

  #goOn(): void {
    for (let first = this.#checks.first(); first !== undefined; first = this.#checks.first()) {
      if (first.state === 'open') return;
      this.#checks.shift();
      if (first.state === 'refused') continue;
      if (first.ticket.isSettled) this.withdraw(first.ticket);
      else super.enter(first.ticket);
    }
  }

  #refuse(ticket: Ticket, failure: unknown): void {
    const cause = causeOf(failure);
    const error =
      cause instanceof ValidationError
        ? new ValidationError(cause.issues, this.#node.name)
        : new ProcessorError(this.#node.name, this.#phase, undefined, cause);
    this.#causes.set(error, cause);
    ticket.refuse(error);
  }
}
