/**
 * The outbox: what a person did is kept here before the screen changes, and sent in the background until the server
 * has said what became of it.
 *
 * In: letters (an answer, a skip, a ruling, a note) with ids made by the page. Out: calls to the server, in batches; what waits,
 * what was refused. Never: two-way sync, an edit of a letter, or a letter dropped without a person having seen why.
 */

import { type AnnotationBody, type Api, Away, Refusal, type WireError } from './api';
import type { Draft, Letter, Shelf } from './shelf';
import { refused } from './speech';

export type Link = 'fine' | 'away' | 'signed_out';

export interface OutboxState {
  waiting: number;
  sending: boolean;
  link: Link;
  refused: Letter[];
  lasting: boolean;
}

export type Fate = 'saved' | 'repeated' | 'surplus' | 'refused';

export interface OutboxParts {
  shelf: Shelf;
  api: Pick<Api, 'annotate' | 'skip' | 'rule' | 'note'>;
  now?: () => number;
  /** Call `fn` after `ms`; returns a cancel. */
  later?: (ms: number, fn: () => void) => () => void;
  tab?: string;
}

export const BATCH = 100;
export const HOLD_MS = 700;
export const SKIP_HOLD_MS = 4_000;
const STALE_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

const later = (ms: number, fn: () => void) => {
  const timer = setTimeout(fn, ms);
  return () => clearTimeout(timer);
};

export class Outbox {
  private readonly shelf: Shelf;
  private readonly api: OutboxParts['api'];
  private readonly now: () => number;
  private readonly later: NonNullable<OutboxParts['later']>;
  private readonly tab: string;
  private readonly letters = new Map<string, Letter>();
  private readonly flying = new Set<string>();
  private readonly listeners = new Set<(state: OutboxState) => void>();
  private readonly fates = new Set<(letter: Letter, fate: Fate) => void>();
  private person: string | null = null;
  private link: Link = 'fine';
  private failures = 0;
  private cancel: (() => void) | null = null;
  private round: Promise<void> | null = null;

  constructor(parts: OutboxParts) {
    this.shelf = parts.shelf;
    this.api = parts.api;
    this.now = parts.now ?? Date.now;
    this.later = parts.later ?? later;
    this.tab = parts.tab ?? Math.random().toString(36).slice(2);
  }

  /** Read what an earlier visit left, and send what belongs to this person. */
  async open(person: string): Promise<void> {
    this.person = person;
    this.link = 'fine';
    for (const letter of await this.shelf.all()) if (!this.letters.has(letter.id)) this.letters.set(letter.id, letter);
    this.tell();
    this.plan();
  }

  /** Stop sending: nobody is signed in. Letters stay. */
  close(): void {
    this.person = null;
    this.cancel?.();
    this.tell();
  }

  get state(): OutboxState {
    const mine = this.mine();
    return {
      waiting: mine.filter((letter) => letter.error === null).length,
      sending: this.flying.size > 0,
      link: this.link,
      refused: mine.filter((letter) => letter.error !== null),
      lasting: this.shelf.lasting,
    };
  }

  /** Follow the state, starting with the present one (a Svelte store by its shape). */
  subscribe(listener: (state: OutboxState) => void): () => void {
    this.listeners.add(listener);
    listener(this.state);
    return () => this.listeners.delete(listener);
  }

  /** Hear what became of each letter. */
  onFate(listener: (letter: Letter, fate: Fate) => void): () => void {
    this.fates.add(listener);
    return () => this.fates.delete(listener);
  }

  /** Keep a letter; when this resolves it outlives the page. */
  async post(draft: Draft): Promise<void> {
    if (this.person === null) throw new Error('Nobody is signed in.');
    const at = this.now();
    const hold = draft.kind === 'skip' ? SKIP_HOLD_MS : HOLD_MS;
    const fresh = { person: this.person, tab: this.tab, at, not_before: at + hold, attempts: 0, error: null };
    const letter = { ...draft, ...fresh } as Letter;
    await this.shelf.put(letter);
    this.letters.set(letter.id, letter);
    this.tell();
    this.plan();
  }

  /** Whether an answer to this assignment is kept here, so that a lease of it is not shown again. */
  holds(assignment: string): boolean {
    for (const letter of this.letters.values()) if (letter.assignment === assignment) return true;
    return false;
  }

  /** The assignments with an answer or a skip that the server has not taken in yet, of all tabs. */
  get assignments(): string[] {
    return [...this.letters.values()].filter(({ kind }) => kind === 'annotation' || kind === 'skip').map((letter) => letter.assignment);
  }

  /**
   * Take a letter back before it was ever sent.
   *
   * 'taken': it never left this machine. 'gone': the server has it. 'unsure': it was sent, and no reply came.
   */
  async takeBack(id: string): Promise<'taken' | 'gone' | 'unsure'> {
    if (this.flying.has(id)) await this.round;
    let letter = this.letters.get(id);
    if (letter && letter.attempts > 0 && letter.error === null) {
      await this.flush();
      letter = this.letters.get(id);
    }
    if (!letter) return 'gone';
    if (letter.attempts > 0 && letter.error === null) return 'unsure';
    await this.drop(id);
    return 'taken';
  }

  /** Forget a refused letter: a person has read why. */
  async dismiss(id: string): Promise<void> {
    if (this.letters.get(id)?.error) await this.drop(id);
  }

  /** Try a refused letter once more. */
  async retry(id: string): Promise<void> {
    const letter = this.letters.get(id);
    if (!letter?.error) return;
    await this.keep({ ...letter, error: null });
    await this.flush();
  }

  /** Send everything that waits, now. */
  async flush({ keepalive = false }: { keepalive?: boolean } = {}): Promise<void> {
    while (this.round) await this.round;
    this.round = this.send(this.mine().filter((letter) => letter.error === null && this.isOurs(letter)), keepalive);
    try {
      await this.round;
    } finally {
      this.round = null;
      this.plan();
    }
  }

  /** The connection may be back: forget the back-off. */
  async wake(): Promise<void> {
    this.failures = 0;
    if (this.link === 'away') await this.flush();
  }

  private mine(): Letter[] {
    const found = [...this.letters.values()].filter((letter) => letter.person === this.person);
    return found.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  private isOurs(letter: Letter): boolean {
    return letter.tab === this.tab || this.now() - letter.at > STALE_MS;
  }

  /** Set the next sending: when the oldest hold ends, or when the back-off does. */
  private plan(): void {
    this.cancel?.();
    this.cancel = null;
    if (this.person === null || this.link === 'signed_out' || this.round) return;
    const waiting = this.mine().filter((letter) => letter.error === null);
    if (waiting.length === 0) return;
    const due = Math.min(
      ...waiting.map((letter) => (this.isOurs(letter) ? letter.not_before : letter.at + STALE_MS + 1)),
    );
    const backOff = Math.min(FIRST_RETRY_MS * 2 ** (this.failures - 1), LAST_RETRY_MS);
    const wait = this.failures > 0 ? backOff : Math.max(0, due - this.now());
    this.cancel = this.later(wait, () => void this.sendDue());
  }

  private async sendDue(): Promise<void> {
    if (this.round) return;
    const now = this.now();
    const waiting = this.mine().filter((letter) => letter.error === null && this.isOurs(letter));
    // When one answer is due, all go: a call for each would be many. A skip keeps its longer hold.
    const due = waiting.filter((letter) => letter.kind === 'annotation' || letter.not_before <= now);
    this.round = this.send(due, false);
    try {
      await this.round;
    } finally {
      this.round = null;
      this.plan();
    }
  }

  private async send(due: Letter[], keepalive: boolean): Promise<void> {
    if (due.length === 0 || this.person === null) return;
    for (const letter of due) this.flying.add(letter.id);
    this.tell();
    try {
      const noted = due.map((letter) => this.keep({ ...letter, attempts: letter.attempts + 1 }));
      // A page that is going away has no time to wait: the call must be made in this very turn.
      if (!keepalive) await Promise.all(noted);
      await this.sendEach(batches(due), keepalive);
      this.failures = 0;
      this.link = 'fine';
    } catch (error) {
      this.failures += 1;
      this.link = error instanceof Refusal && error.status === 401 ? 'signed_out' : 'away';
    } finally {
      this.flying.clear();
      this.tell();
    }
  }

  /** A batch that breaks the server (status 500) waits for its next try without holding up the others. */
  private async sendEach(found: Letter[][], keepalive: boolean): Promise<void> {
    let failure: Refusal | null = null;
    for (const batch of found) {
      try {
        await this.sendBatch(batch, keepalive);
      } catch (error) {
        if (!(error instanceof Refusal) || error.status !== 500) throw error;
        failure = error;
      }
    }
    if (failure) throw failure;
  }

  private async sendBatch(batch: Letter[], keepalive: boolean): Promise<void> {
    const first = batch[0]!;
    try {
      if (first.kind === 'annotation') await this.sendAnnotations(first.project, batch, keepalive);
      else {
        if (first.kind === 'skip') await this.api.skip(first.project, first.assignment, first.body);
        else if (first.kind === 'note') await this.api.note(first.project, first.path, first.body);
        else await this.api.rule(first.project, first.body);
        await this.settle(first, 'saved', null);
      }
    } catch (error) {
      if (!(error instanceof Refusal) || error.status === 401) throw error;
      if (error.passing && (error.status !== 500 || batch.length === 1)) throw error;
      // One bad letter must not hold the others: a batch refused as a whole is sent one by one.
      if (batch.length > 1) await this.sendEach(batch.map((letter) => [letter]), keepalive);
      else await this.settle(first, 'refused', { type: error.type, message: error.message, fields: error.fields });
    }
  }

  private async sendAnnotations(project: string, batch: Letter[], keepalive: boolean): Promise<void> {
    const bodies = batch.map((letter) => letter.body as AnnotationBody);
    const { results } = await this.api.annotate(project, bodies, keepalive);
    const byId = new Map(results.map((result) => [result.id, result]));
    for (const letter of batch) {
      const result = byId.get(letter.id);
      if (result) await this.settle(letter, result.status, result.error && { ...result.error, message: refused(result.error.type, result.error.message, result.error.fields) });
    }
    // A letter the reply does not name stays, and is sent again after the back-off.
    if (batch.some((letter) => !byId.has(letter.id))) throw new Away('The reply left out an answer.');
  }

  private async settle(letter: Letter, fate: Fate, error: WireError | null): Promise<void> {
    if (fate === 'refused') {
      const reason = error ?? { type: 'Refused', message: 'The server refused this without saying why.' };
      await this.keep({ ...letter, attempts: letter.attempts + 1, error: reason });
    } else await this.drop(letter.id);
    for (const listener of this.fates) listener(letter, fate);
  }

  private async keep(letter: Letter): Promise<void> {
    this.letters.set(letter.id, letter);
    await this.shelf.put(letter);
    this.tell();
  }

  private async drop(id: string): Promise<void> {
    await this.shelf.remove(id);
    this.letters.delete(id);
    this.tell();
  }

  private tell(): void {
    const state = this.state;
    for (const listener of this.listeners) listener(state);
  }
}

/** Answers of one project travel together, at most `BATCH` at once; everything else goes alone. */
export function batches(letters: readonly Letter[]): Letter[][] {
  const found: Letter[][] = [];
  for (const letter of letters) {
    const last = found.at(-1);
    const head = last?.[0];
    const joins = head?.kind === 'annotation' && letter.kind === 'annotation' && head.project === letter.project;
    if (last && joins && last.length < BATCH) last.push(letter);
    else found.push([letter]);
  }
  return found;
}
