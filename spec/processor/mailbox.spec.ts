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

  it('has one promise while it waits', () => {
    const delivery = new Delivery(1);

    expect(delivery.promise).toBe(delivery.promise);
  });
});
