/** One message on its way, and what each node that took it did with it. */
export interface TracedMessage {
  readonly id: string;
  /** The node that sent it. */
  readonly node: string;
  readonly calls: readonly TracedCall[];
}

/** What one node did with a message; at a join, with the row it was part of. */
export interface TracedCall {
  readonly node: string;
  readonly outcome: 'running' | 'returned' | 'failed';
  /** From when the message was sent until the function was called, in ms: in the queue, or for the rest of its row. */
  readonly waited: number;
  /** From when the function was called until its promise settled, or until now, in ms. */
  readonly ran: number;
  /** What it made of it. */
  readonly sent: readonly TracedMessage[];
}

/** What became of one input: the tree of its messages. `String(trace)` draws it as text. */
export class Trace {
  /** The message of the source or inlet, with all that descends from it. */
  readonly input: TracedMessage;

  /** @internal */
  constructor(input: TracedMessage) {
    this.input = input;
  }

  /** A line for each call, indented below the one whose output it took. */
  toString(): string {
    const lines = [`${this.input.node} ${this.input.id}`];
    const add = (message: TracedMessage, indent: string): void => {
      for (const call of message.calls) {
        lines.push(`${indent}-> ${call.node}: ${inWords(call)}`);
        for (const sent of call.sent) add(sent, `${indent}   `);
      }
    };
    add(this.input, '');
    return lines.join('\n');
  }

  /** The tree as a Mermaid flowchart. */
  toMermaid(): string {
    const lines = ['flowchart LR', `  c0(["${this.input.node}"])`];
    let last = 0;
    const add = (message: TracedMessage, from: number): void => {
      for (const call of message.calls) {
        const place = ++last;
        lines.push(`  c${place}["${call.node}<br>${inWords(call)}"]`, `  c${from} --> c${place}`);
        for (const sent of call.sent) add(sent, place);
      }
    };
    add(this.input, 0);
    return `${lines.join('\n')}\n`;
  }
}

function inWords({ outcome, waited, ran, sent }: TracedCall): string {
  const times = `waited ${waited.toFixed(1)} ms, ${outcome === 'running' ? 'running for' : 'ran'} ${ran.toFixed(1)} ms`;
  if (outcome === 'running') return times;
  return `${times}, ${outcome === 'failed' ? 'failed' : `sent ${sent.length}`}`;
}
