/**
 * Where letters lie until the server has taken them in: in IndexedDB, or in memory where a browser keeps nothing.
 *
 * In: letters. Out: the same letters, also after the page was closed. Never: a letter changed or removed by the shelf itself.
 */

import { type IDBPDatabase, openDB } from 'idb';
import type { AnnotationBody, RulingBody, SkipBody, WireError } from './api';

interface Common {
  id: string;
  person: string;
  project: string;
  /** The browser tab that wrote it; another tab takes it over only when it is old. */
  tab: string;
  /** Milliseconds since 1970 at which it was written. */
  at: number;
  /** Not sent before this time, so that an undo shortly after stays on this machine. */
  not_before: number;
  attempts: number;
  /** What it says, for the list of refused letters. */
  title: string;
  error: WireError | null;
}

export type Letter = Common &
  (
    | { kind: 'annotation'; assignment: string; body: AnnotationBody }
    | { kind: 'skip'; assignment: string; body: SkipBody }
    | { kind: 'ruling'; /** The item's id: a ruling has no assignment. */ assignment: string; body: RulingBody }
    | { kind: 'note'; /** The item's id, or what else it is about. */ assignment: string; /** Behind the project's address. */ path: string; body: { id: string } }
  );

type OmitEach<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** What the caller says; the outbox adds the rest. */
export type Draft = OmitEach<Letter, 'person' | 'tab' | 'at' | 'not_before' | 'attempts' | 'error'>;

/** Where letters are kept. */
export interface Shelf {
  put(letter: Letter): Promise<void>;
  remove(id: string): Promise<void>;
  all(): Promise<Letter[]>;
  /** Whether letters outlive the page. */
  readonly lasting: boolean;
}

/** Letters in IndexedDB. */
export class IndexedShelf implements Shelf {
  readonly lasting = true;
  private constructor(private readonly db: IDBPDatabase) {}

  static async open(name = 'goldseam'): Promise<IndexedShelf> {
    const db = await openDB(name, 1, {
      upgrade: (fresh) => void fresh.createObjectStore('outbox', { keyPath: 'id' }),
    });
    return new IndexedShelf(db);
  }

  async put(letter: Letter): Promise<void> {
    await this.db.put('outbox', letter);
  }

  async remove(id: string): Promise<void> {
    await this.db.delete('outbox', id);
  }

  all(): Promise<Letter[]> {
    return this.db.getAll('outbox');
  }
}

/** Letters in memory, for a browser that keeps nothing; the page then warns before it is closed. */
export class MemoryShelf implements Shelf {
  readonly lasting = false;
  private readonly kept = new Map<string, Letter>();

  async put(letter: Letter): Promise<void> {
    this.kept.set(letter.id, structuredClone(letter));
  }

  async remove(id: string): Promise<void> {
    this.kept.delete(id);
  }

  async all(): Promise<Letter[]> {
    return [...this.kept.values()];
  }
}
