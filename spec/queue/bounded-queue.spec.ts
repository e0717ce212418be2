import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Hole } from '../../lib/queue/message.ts';
import { FakeOwner, message } from './messages.ts';
import { commands, QueueModel, WatchedQueue } from './queue-model.ts';

const overflows = fc.constantFrom(
  'block' as const,
  'drop-oldest' as const,
  'drop-newest' as const,
  'error' as const,
);

describe('a bounded queue', () => {
  it('does what a list would do, whatever happens to it, and accounts for every message', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        overflows,
        commands,
        (capacity, carriesHoles, overflow, run) => {
          fc.modelRun(
            () => ({
              model: new QueueModel(capacity, carriesHoles, overflow),
              real: new WatchedQueue(capacity, carriesHoles, overflow),
            }),
            run,
          );
        },
      ),
      { numRuns: 200 },
    );
  }, 60_000);

  describe('when it is full', () => {
    it('leaves one message at the door, and lets it in at the first free place', () => {
      const { queue, told } = new WatchedQueue(1, false);
      queue.put(message(1));

      const isAccepted = queue.put(message(2));

      expect(isAccepted).toBe(false);
      expect(told).not.toContain('admitted');
      queue.take();
      expect(told).toContain('admitted');
      expect(queue.take()).toMatchObject({ number: 2 });
    });

    it('takes any number of holes, for they need no room', () => {
      const { queue } = new WatchedQueue(1, true);
      queue.put(message(1));

      for (let i = 0; i < 1000; i++) queue.holes(1);

      expect(queue.size).toBe(1);
      queue.take();
      expect(queue.take()).toEqual(new Hole(1000));
    });

    it('tells once that it became full, however long a producer waits at its door, and once that it has room', () => {
      const { queue, told } = new WatchedQueue(1, false);
      queue.put(message(1));
      for (let number = 2; number < 5; number++) {
        queue.put(message(number));
        queue.take();
      }

      queue.take();

      expect(told.filter((word) => word.endsWith('room'))).toEqual(['no room', 'room']);
    });
  });

  describe('when it is full and drops', () => {
    it.each(['drop-oldest', 'drop-newest', 'error'] as const)(
      'under %s accepts at once, counts the dropped one and lets its caller go, and is as full as before',
      (overflow) => {
        const { queue, told } = new WatchedQueue(2, true, overflow);
        const owners = [1, 2, 3].map(() => new FakeOwner());
        const isAccepted = owners.map((owner, i) => {
          owner.hold(1);
          return queue.put(message(i + 1, owner));
        });

        const victim = overflow === 'drop-oldest' ? 1 : 3;
        expect(isAccepted).toEqual([true, true, true]);
        expect(told.filter((word) => word.startsWith('dropped'))).toEqual([`dropped ${victim}`]);
        expect([queue.accepted, queue.size, queue.dropped]).toEqual([3, 2, 1]);
        expect(owners.map(({ alive }) => alive)).toEqual([1, 2, 3].map((n) => (n === victim ? 0 : 1)));
        expect(told.filter((word) => word === 'filled')).toHaveLength(1);
      },
    );

    it('has a hole stand where the dropped message stood, one counter for any number of them', () => {
      const oldest = new WatchedQueue(2, true, 'drop-oldest').queue;
      const newest = new WatchedQueue(2, true, 'drop-newest').queue;
      for (const queue of [oldest, newest]) for (let n = 1; n <= 1000; n++) queue.put(message(n));

      const rows = [oldest, newest].map((queue) => [queue.take(), queue.take(), queue.take()]);

      expect(rows[0]).toMatchObject([new Hole(998), { number: 999 }, { number: 1000 }]);
      expect(rows[1]).toMatchObject([{ number: 1 }, { number: 2 }, new Hole(998)]);
    });
  });

  describe('when its messages were for a caller who is gone', () => {
    it('gives a hole for each, so that rows keep their places', () => {
      const { queue } = new WatchedQueue(3, true);
      const owner = new FakeOwner();
      queue.put(message(1, owner));
      queue.put(message(2));
      owner.isSettled = true;

      const rows = [queue.takeRow()?.number, queue.takeRow()?.number];

      expect(rows).toEqual([undefined, 2]);
      expect([queue.taken, queue.discarded]).toEqual([1, 1]);
    });

    it('hands none to a consumer that waits for one', () => {
      const watched = new WatchedQueue(3, true);
      const owner = new FakeOwner();
      watched.isReady = true;
      owner.isSettled = true;

      watched.queue.put(message(1, owner));

      expect(watched.told).toEqual(['filled']);
      expect(watched.queue.take()).toEqual(new Hole(1));
    });
  });

  describe('when it is closed', () => {
    it('frees the producer that waits at its door', () => {
      const { queue, told } = new WatchedQueue(1, false);
      queue.put(message(1));
      queue.put(message(2));

      queue.close('discarded');

      expect(told.filter((word) => word === 'admitted' || word === 'closed')).toEqual(['closed', 'admitted']);
      expect(queue.discarded).toBe(2);
    });

    it('lets go of what comes late', () => {
      const { queue } = new WatchedQueue(1, true);
      const owner = new FakeOwner();
      owner.hold(1);
      queue.close('unpaired');

      const isAccepted = [queue.put(message(1, owner)), queue.put(message(2))];
      queue.holes(3);

      expect(isAccepted).toEqual([true, true]);
      expect(owner.alive).toBe(0);
      expect([queue.hasNext, queue.accepted]).toEqual([false, 0]);
    });
  });

  describe('when it has no holes to take', () => {
    it('takes none, not even when it is asked to', () => {
      const { queue } = new WatchedQueue(2, true);
      queue.put(message(1));

      queue.takeHoles(1);

      expect(queue.take()).toMatchObject({ number: 1 });
      queue.takeHoles(1);
      expect([queue.taken, queue.size]).toEqual([1, 0]);
    });
  });
});
