import fc from 'fast-check';
import type { Overflow } from 'sluice';
import { expect } from 'vitest';
import { BoundedQueue } from '../../lib/queue/bounded-queue.ts';
import { Hole } from '../../lib/queue/message.ts';
import { FakeOwner, message } from './messages.ts';

/** What stands in a queue: a message by its number, or a run of holes. */
type Item = { readonly number: number; readonly owner: FakeOwner } | { rows: number };

const isMessage = (item: Item | undefined): item is Extract<Item, { owner: FakeOwner }> =>
  item !== undefined && 'owner' in item;

const rowsOf = (item: Item): number => (isMessage(item) ? 1 : item.rows);

/** The queue as a list, with all that it has told and counted. */
export class QueueModel {
  readonly capacity: number;
  readonly carriesHoles: boolean;
  readonly overflow: Overflow;
  items: Item[] = [];
  atDoor: Extract<Item, { owner: FakeOwner }> | undefined;
  state: 'open' | 'ended' | 'closed' = 'open';
  accepted = 0;
  highWater = 0;
  taken = 0;
  dropped = 0;
  passedBy = 0;
  unpaired = 0;
  discarded = 0;
  told: string[] = [];
  isReady = false;
  /** Every caller whose message is in the queue or was. */
  readonly owners: FakeOwner[] = [];

  constructor(capacity: number, carriesHoles: boolean, overflow: Overflow = 'block') {
    this.overflow = overflow;
    this.capacity = capacity;
    this.carriesHoles = carriesHoles;
  }

  get size(): number {
    return this.items.filter(isMessage).length;
  }

  push(item: Item): void {
    this.items.push(item);
    this.highWater = Math.max(this.highWater, this.size);
    if (this.items.length === 1) this.told.push('filled');
  }

  accept(item: Extract<Item, { owner: FakeOwner }>): void {
    this.accepted++;
    this.push(item);
    if (this.size === this.capacity && this.told.findLast((word) => word.endsWith('room')) !== 'no room') {
      this.told.push('no room');
    }
  }

  addHoles(rows: number): void {
    const last = this.items.at(-1);
    if (last !== undefined && !isMessage(last)) last.rows += rows;
    else this.push({ rows });
  }

  /** There is no room for it: it is let go, or the oldest is. */
  drop(item: Extract<Item, { owner: FakeOwner }>): void {
    this.accepted++;
    this.dropped++;
    let victim = item;
    if (this.overflow === 'drop-oldest') {
      const place = this.items.findIndex(isMessage);
      victim = this.items[place] as typeof item;
      const before = this.items.slice(0, place).reduce((sum, hole) => sum + rowsOf(hole), 0);
      const after = this.items[place + 1];
      const follows = after !== undefined && !isMessage(after);
      const rows = before + 1 + (follows ? after.rows : 0);
      const rest = this.items.slice(place + (follows ? 2 : 1));
      this.items = [...(this.carriesHoles ? [{ rows }] : []), ...rest, item];
    } else if (this.carriesHoles) this.addHoles(1);
    this.told.push(`dropped ${victim.number}`);
  }

  /** Takes the first item; what waited at the door comes in. */
  shift(): Item | undefined {
    const item = this.items.shift();
    if (!isMessage(item)) return item;
    if (this.atDoor !== undefined) {
      const waited = this.atDoor;
      this.atDoor = undefined;
      this.accepted++;
      this.items.push(waited);
      this.told.push('admitted');
    } else if (this.size === this.capacity - 1) this.told.push('room');
    if (item.owner.isSettled) {
      this.discarded++;
      return { rows: 1 };
    }
    this.taken++;
    this.told.push(`took ${item.number}`);
    return item;
  }
}

/** A queue between two neighbours that write down what it tells them. */
export class WatchedQueue {
  readonly told: string[] = [];
  readonly queue: BoundedQueue;
  /** Whether the consumer would begin with a message at once. */
  isReady = false;

  constructor(capacity: number, carriesHoles: boolean, overflow: Overflow = 'block') {
    const { told } = this;
    const isReady = (): boolean => this.isReady;
    this.queue = new BoundedQueue(
      {
        name: 'a',
        admitted: () => told.push('admitted'),
        closed: () => told.push('closed'),
        overflowed: (_, { number }) => told.push(`dropped ${number}`),
      },
      {
        name: 'b',
        filled: () => told.push('filled'),
        get isReady() {
          return isReady();
        },
        give: ({ number }) => told.push(`given ${number}`),
      },
      capacity,
      carriesHoles,
      {
        isWatched: true,
        isTimed: true,
        report: (_, isFull) => told.push(isFull ? 'no room' : 'room'),
        took: (_, { number }) => told.push(`took ${number}`),
      },
      overflow,
    );
  }
}

type Command = fc.Command<QueueModel, WatchedQueue>;

function command(
  name: string,
  run: (model: QueueModel, queue: BoundedQueue, real: WatchedQueue) => void,
  check: (model: Readonly<QueueModel>) => boolean = () => true,
): Command {
  return {
    check,
    run(model, real) {
      run(model, real.queue, real);
      expectAlike(model, real);
    },
    toString: () => name,
  };
}

function expectAlike(model: QueueModel, { queue, told }: WatchedQueue): void {
  const [first] = model.items;
  expect(told.toSorted()).toEqual(model.told.toSorted());
  expect(told.filter((word) => word.endsWith('room'))).toEqual(
    model.told.filter((word) => word.endsWith('room')),
  );
  expect([
    queue.size,
    queue.highWater,
    queue.accepted,
    queue.taken,
    queue.unpaired,
    queue.discarded,
    queue.dropped,
    queue.passedBy,
  ]).toEqual([
    model.size,
    model.highWater,
    model.accepted,
    model.taken,
    model.unpaired,
    model.discarded,
    model.dropped,
    model.passedBy,
  ]);
  // Laws 1 and 2.
  expect(queue.accepted).toBe(queue.taken + queue.size + queue.dropped + queue.unpaired + queue.discarded);
  expect(queue.size).toBeLessThanOrEqual(queue.capacity);
  expect([queue.hasNext, queue.isOver, queue.isClosed]).toEqual([
    model.items.length > 0,
    model.state !== 'open' && model.items.length === 0,
    model.state === 'closed',
  ]);
  expect(queue.nextHoles).toBe(first !== undefined && !isMessage(first) ? first.rows : 0);
  expect(queue.nextNumber).toBe(isMessage(first) ? first.number : Number.POSITIVE_INFINITY);
  // A caller is held for a message as long as it is in the queue or at its door; whoever takes it holds it from then on.
  const held = [...model.items, model.atDoor].filter(isMessage);
  for (const owner of model.owners)
    expect(owner.alive).toBe(held.some((item) => item.owner === owner) ? 1 : 0);
}

let lastNumber = 0;

const put = command(
  'put',
  (model, queue) => {
    const owner = new FakeOwner();
    owner.hold(1);
    model.owners.push(owner);
    const item = { number: ++lastNumber, owner };
    const isRoom = model.state === 'closed' || model.size < model.capacity || model.overflow !== 'block';
    if (model.state === 'open') {
      if (model.isReady && model.items.length === 0) {
        model.accepted++;
        model.taken++;
        model.told.push(`given ${item.number}`);
        owner.release();
      } else if (model.size < model.capacity) model.accept(item);
      else if (model.overflow !== 'block') model.drop(item);
      else model.atDoor = item;
    }
    expect(queue.put(message(item.number, owner))).toBe(isRoom);
  },
  ({ atDoor, state }) => atDoor === undefined && state !== 'ended',
);

const holes = (rows: number): Command =>
  command(
    `holes(${rows})`,
    (model, queue) => {
      if (model.carriesHoles && model.state !== 'closed') model.addHoles(rows);
      queue.holes(rows);
    },
    ({ atDoor, state }) => atDoor === undefined && state !== 'ended',
  );

const passBy = command(
  'passBy',
  (model, queue) => {
    if (model.state !== 'closed') {
      model.passedBy++;
      if (model.carriesHoles) model.addHoles(1);
    }
    queue.passBy();
  },
  ({ atDoor, state }) => atDoor === undefined && state !== 'ended',
);

const take = command('take', (model, queue) => {
  const expected = model.shift();
  const item = queue.take();
  if (!isMessage(expected))
    expect(item).toEqual(expected === undefined ? undefined : new Hole(expected.rows));
  else {
    expect(item).toMatchObject({ number: expected.number });
    expected.owner.release();
  }
});

const takeRow = command(
  'takeRow',
  (model, queue) => {
    const [first] = model.items;
    if (first !== undefined && !isMessage(first)) {
      first.rows--;
      if (first.rows === 0) model.items.shift();
      expect(queue.takeRow()).toBeUndefined();
      return;
    }
    const expected = model.shift();
    const row = queue.takeRow();
    expect(row?.number).toBe(isMessage(expected) ? expected.number : undefined);
    if (isMessage(expected)) expected.owner.release();
  },
  ({ items }) => items.length > 0,
);

const end = command(
  'end',
  (model, queue) => {
    if (model.state === 'open') {
      model.state = 'ended';
      if (model.items.length === 0) model.told.push('filled');
    }
    queue.end();
  },
  ({ atDoor }) => atDoor === undefined,
);

const close = (as: 'unpaired' | 'discarded'): Command =>
  command(`close(${as})`, (model, queue) => {
    if (model.state === 'open') model.told.push('closed');
    if (model.state !== 'closed') model[as] += model.size;
    if (model.atDoor !== undefined) {
      // What was sent and found no room is lost with the rest, and counted with it.
      model.accepted++;
      model[as]++;
      model.told.push('admitted');
    }
    model.atDoor = undefined;
    model.items = [];
    model.state = 'closed';
    queue.close(as);
  });

const abandon = (place: number): Command =>
  command('abandon', ({ owners }) => {
    const owner = owners[place % owners.length];
    if (owner !== undefined) owner.isSettled = true;
  });

const idle = command('idle', (model, _, real) => {
  model.isReady = !model.isReady;
  real.isReady = model.isReady;
});

/** Everything that can happen to a queue, closing it being rare. */
export const commands: fc.Arbitrary<Iterable<Command>> = fc.commands(
  [
    ...[put, put, put, take, take, takeRow].map((one) => fc.constant(one)),
    fc.integer({ min: 1, max: 3 }).map(holes),
    fc.nat().map(abandon),
    fc.constant(idle),
    fc.constant(passBy),
    fc.oneof({ weight: 1, arbitrary: fc.constant(end) }, { weight: 9, arbitrary: fc.constant(put) }),
    fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom('unpaired', 'discarded').map((as) => close(as as 'unpaired')) },
      { weight: 9, arbitrary: fc.constant(take) },
    ),
  ],
  { size: '+1' },
);
