import { describe, expect, it } from 'vitest';
import { Delivery, Mailbox } from '../../lib/processor/mailbox.ts';
import { rejectionOf } from '../support/rejection.ts';

const CLOSED = new Error('closed');

describe('a mailbox', () => {
  it('gives its tickets in the order in which they were put', () => {
    const mailbox = new Mailbox();
    const tickets = [new Delivery(1), new Delivery(2)];

    for (const ticket of tickets) mailbox.put(ticket);

    expect(mailbox.size).toBe(2);
    expect([mailbox.take(), mailbox.take(), mailbox.take()]).toEqual([...tickets, undefined]);
  });

  it('refuses what is put once it is closed, and still gives what it holds', async () => {
    const mailbox = new Mailbox();
    const [early, late] = [new Delivery(1), new Delivery(2)];
    mailbox.put(early);

    mailbox.close(() => CLOSED);
    mailbox.put(late);

    expect(await rejectionOf(late.promise)).toBe(CLOSED);
    expect(mailbox.isOver).toBe(false);
    expect(mailbox.take()).toBe(early);
    expect(mailbox.isOver).toBe(true);
  });

  it('gives the reason it was closed with first', async () => {
    const mailbox = new Mailbox();
    const late = new Delivery(1);

    mailbox.close(() => CLOSED);
    mailbox.close(() => new Error('again'));
    mailbox.put(late);

    expect(await rejectionOf(late.promise)).toBe(CLOSED);
  });

  it('refuses what it holds as well when it is told to', async () => {
    const mailbox = new Mailbox();
    const tickets = [new Delivery(1), new Delivery(2)];
    for (const ticket of tickets) mailbox.put(ticket);

    mailbox.refuseAll(() => CLOSED);

    expect(await Promise.all(tickets.map(({ promise }) => rejectionOf(promise)))).toEqual([CLOSED, CLOSED]);
    expect([mailbox.isOver, mailbox.size]).toEqual([true, 0]);
  });
});

describe('a mailbox whose values nobody waits for any more', () => {
  const filled = (count: number) => {
    let discarded = 0;
    const mailbox = new Mailbox(undefined, () => discarded++);
    const tickets = Array.from({ length: count }, (_, n) => new Delivery(n));
    for (const ticket of tickets) mailbox.put(ticket);
    const leave = (...places: number[]): void => {
      for (const place of places) {
        tickets[place]?.refuse(CLOSED);
        mailbox.lost();
      }
    };
    return { mailbox, tickets, leave, discarded: () => discarded };
  };

  it('never holds as many of them as of the others, and tells of each it lets go', () => {
    const { mailbox, leave, discarded } = filled(100);

    leave(...Array(90).keys());

    expect(mailbox.size).toBeLessThanOrEqual(20);
    expect(mailbox.size + discarded()).toBe(100);
  });

  it('keeps their rows as holes, in their places', () => {
    const { mailbox, tickets, leave, discarded } = filled(5);

    leave(0, 1, 3);

    const rows = Array.from({ length: 4 }, () => mailbox.take());
    expect(rows).toMatchObject([{ rows: 2 }, { value: 2 }, { rows: 1 }, { value: 4 }]);
    expect([rows[1], rows[3], mailbox.take()]).toEqual([tickets[2], tickets[4], undefined]);
    expect(discarded()).toBe(3);
  });

  it('forgets those that make no row', () => {
    const { mailbox, leave, discarded } = filled(0);
    const nothing = new Delivery(null);
    mailbox.put(nothing);
    nothing.refuse(CLOSED);

    leave();
    mailbox.lost();

    expect([mailbox.size, mailbox.take(), discarded()]).toEqual([0, undefined, 0]);
  });
});

describe('a delivery', () => {
  it('resolves when it is accepted, whether somebody asked before or asks after', async () => {
    const delivery = new Delivery(1);
    const before = delivery.promise;

    delivery.accept();

    await expect(before).resolves.toBeUndefined();
    await expect(delivery.promise).resolves.toBeUndefined();
  });

  it('rejects when it is refused, whether somebody asked before or asks after', async () => {
    const delivery = new Delivery(1);
    const before = delivery.promise;

    delivery.refuse(CLOSED);

    expect(await rejectionOf(before)).toBe(CLOSED);
    expect(await rejectionOf(delivery.promise)).toBe(CLOSED);
  });

  it('holds to what it was told first', async () => {
    const [accepted, refused] = [new Delivery(1), new Delivery(2)];

    accepted.accept();
    accepted.refuse(CLOSED);
    refused.refuse(CLOSED);
    refused.refuse(new Error('again'));
    refused.accept();

    await expect(accepted.promise).resolves.toBeUndefined();
    expect(await rejectionOf(refused.promise)).toBe(CLOSED);
  });

  it('has one promise while it waits', () => {
    const delivery = new Delivery(1);

    expect(delivery.promise).toBe(delivery.promise);
  });
});
