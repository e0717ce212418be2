/** Postgres in this process (PGlite), so that nothing has to be installed. `demos/recipes/pg-lookups.ts` asks a server. */
import { PGlite } from '@electric-sql/pglite';

export interface Customer {
  readonly id: number;
  readonly name: string;
  readonly discount: number;
}

export interface Reading {
  readonly id: number;
  readonly value: string;
}

/** Customers 1 to 1000, and readings without end. */
export class Database {
  /** Queries asked so far. */
  queries = 0;
  /** Readings given so far. */
  readings = 0;
  /** Generators of readings that have not returned. */
  open = 0;
  readonly #postgres = new PGlite();

  static async open(): Promise<Database> {
    const database = new Database();
    await database.#postgres.exec(`
      CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL, discount int NOT NULL);
      INSERT INTO customer SELECT n, 'customer ' || n, n % 20 FROM generate_series(1, 1000) n;
    `);
    return database;
  }

  /** One query for many ids: an element for each, in their order, and null for who is not there. */
  async customers(ids: readonly number[]): Promise<(Customer | null)[]> {
    const rows = await this.#ask<Customer>('SELECT * FROM customer WHERE id = ANY($1::int[])', [ids]);
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? null);
  }

  /** Number `first` to number `count`, page by page; the next page is not asked for before somebody wants its first row. */
  async *rows(first: number, count: number, signal: AbortSignal): AsyncGenerator<Reading> {
    this.open++;
    try {
      for (let from = first; from <= count && !signal.aborted; from += PAGE) {
        const to = Math.min(from + PAGE - 1, count);
        const query =
          'SELECT n AS id, repeat(md5(n::text), 8) AS value FROM generate_series($1::int, $2::int) n';
        for (const row of await this.#ask<Reading>(query, [from, to])) {
          this.readings++;
          yield row;
        }
      }
    } finally {
      this.open--;
    }
  }

  async #ask<Row>(query: string, values: unknown[]): Promise<Row[]> {
    this.queries++;
    return (await this.#postgres.query<Row>(query, values)).rows;
  }

  close(): Promise<void> {
    return this.#postgres.close();
  }
}

const PAGE = 200;
