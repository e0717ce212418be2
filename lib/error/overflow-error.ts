import { SluiceError } from './sluice-error.ts';

/** A queue or an inlet was full, and its `overflow: 'error'` says that nobody is to wait for room. */
export class OverflowError<Input = unknown> extends SluiceError {
  override readonly name = 'OverflowError';
  readonly code = 'OVERFLOW';
  /** The node that takes from the full queue, or the inlet whose waiting room is full. */
  readonly node: string;
  /** The node that sent what found no room; `undefined` for an inlet. */
  readonly from: string | undefined;
  // Not a property, for the reason told in ProcessorError.
  readonly #input: Input | undefined;

  constructor(node: string, from: string | undefined, capacity: number, input?: Input) {
    super(
      from === undefined
        ? `inlet ${node}: its waiting room is full (${capacity})`
        : `node ${node}: its queue from ${from} is full (${capacity})`,
    );
    this.node = node;
    this.from = from;
    this.#input = input;
  }

  /** The message that found no room; `undefined` for an inlet, whose caller knows what it handed in. Consoles do not show it. */
  get input(): Input | undefined {
    return this.#input;
  }
}
