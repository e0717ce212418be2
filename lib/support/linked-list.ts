/** What can be in one list at a time: it holds its neighbours, so that a list needs no memory of its own. */
export abstract class Linked<T extends Linked<T>> {
  previous: T | undefined = undefined;
  next: T | undefined = undefined;
}

/** Things in the order in which they were added; each is taken out as fast as it is put in. */
export class LinkedList<T extends Linked<T>> {
  /** The one that was added before all others. */
  first: T | undefined = undefined;
  private last: T | undefined = undefined;

  add(item: T): void {
    item.previous = this.last;
    if (this.last === undefined) this.first = item;
    else this.last.next = item;
    this.last = item;
  }

  /** Only of one that is in it. */
  delete(item: T): void {
    const { previous, next } = item;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    item.previous = undefined;
    item.next = undefined;
  }
}
