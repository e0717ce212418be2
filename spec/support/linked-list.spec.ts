import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Linked, LinkedList } from '../../lib/support/linked-list.ts';

class Item extends Linked<Item> {}

const itemsOf = (list: LinkedList<Item>): Item[] => {
  const items: Item[] = [];
  for (let item = list.first; item !== undefined; item = item.next) items.push(item);
  return items;
};

it('holds what a set would hold, in the same order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), (places) => {
      const items = Array.from({ length: 10 }, () => new Item());
      const list = new LinkedList<Item>();
      const set = new Set<Item>();
      for (const place of places) {
        const item = items[place] as Item;
        if (set.delete(item)) list.delete(item);
        else {
          list.add(item);
          set.add(item);
        }
        expect(itemsOf(list)).toEqual([...set]);
      }
    }),
  );
});
