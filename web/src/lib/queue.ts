/**
 * The queue: a few assignments leased ahead, each with its media already decoded, so that the next item is already there.
 *
 * In: how to lease, how to load media. Out: the task on screen, and what there is to wait for when there is none.
 * Never: an answer sent (the outbox does that), or two lease calls at once.
 */

import { type Assignment, Away, type LeaseReply, Refusal, type Waiting } from './api';

export interface Media {
  image: HTMLImageElement;
  width: number;
  height: number;
  /** How its pixels are turned to be seen, as EXIF counts it (1 to 8); `width` and `height` are as seen. */
  orientation?: number;
  release(): void;
}

export interface Task {
  assignment: Assignment;
  media: Media | null;
  /** Why the media cannot be shown; the item can still be skipped. */
  broken: string | null;
  /** Local time (ms) at which the lease ends; counted from the reply, so that two clocks need not agree. */
  leaseEnds: number;
}

export interface QueueState {
  task: Task | null;
  ahead: number;
  loading: boolean;
  waiting: Waiting | null;
  /** Set when the server cannot give more: nothing is lost, and it is tried again. */
  trouble: string | null;
  signedOut: boolean;
}

export interface QueueParts {
  /** `first`: the first call of this page, which may end leases that nobody has in hand any more. */
  lease(count: number, which: 'first' | 'further'): Promise<LeaseReply>;
  loadMedia(url: string): Promise<Media>;
  prefetch: number;
  /** Whether an answer to this assignment is in the outbox already. */
  isAnswered(assignment: string): boolean;
  /** Send what waits: answers that the server has not seen may be all that it still counts as held. */
  sendFirst(): Promise<void>;
  now?: () => number;
  later?: (ms: number, fn: () => void) => () => void;
}

/** As deep as the undo, so that an undone item needs no network. */
export const KEPT_MEDIA = 50;
const CHECK_MS = 15_000;
const RETRY_MS = 3_000;

const later = (ms: number, fn: () => void) => {
  const timer = setTimeout(fn, ms);
  return () => clearTimeout(timer);
};

export class Queue {
  private current: Task | null = null;
  private readonly ahead: Task[] = [];
  /** Items shown before, newest last: their media stays for an undo. */
  private readonly past: Task[] = [];
  private waiting: Waiting | null = null;
  private trouble: string | null = null;
  private signedOut = false;
  private filling: Promise<void> | null = null;
  private cancel: (() => void) | null = null;
  private stopped = false;
  private greeted = false;
  private readonly listeners = new Set<(state: QueueState) => void>();
  private readonly now: () => number;
  private readonly later: NonNullable<QueueParts['later']>;

  constructor(private readonly parts: QueueParts) {
    this.now = parts.now ?? Date.now;
    this.later = parts.later ?? later;
  }

  get state(): QueueState {
    const { current: task, waiting, trouble, signedOut } = this;
    return { task, ahead: this.ahead.length, loading: this.filling !== null, waiting, trouble, signedOut };
  }

  subscribe(listener: (state: QueueState) => void): () => void {
    this.listeners.add(listener);
    listener(this.state);
    return () => this.listeners.delete(listener);
  }

  /** Show the next item at once if there is one, and lease more behind it. */
  advance(): void {
    if (this.current) this.remember(this.current);
    this.current = this.next();
    this.tell();
    if (this.ahead.length <= this.parts.prefetch / 2) void this.fill();
  }

  /** Show this task now; what was on screen becomes the next one. */
  show(task: Task): void {
    if (this.current) this.ahead.unshift(this.current);
    this.current = task;
    this.tell();
  }

  /** What is on screen, and what is behind it. */
  get tasks(): Task[] {
    return [...(this.current ? [this.current] : []), ...this.ahead];
  }

  /** Their assignments. */
  get held(): string[] {
    return this.tasks.map((task) => task.assignment.id);
  }

  /** Turn an assignment that the server gave back into a task, with media from memory where possible. */
  async revive(assignment: Assignment): Promise<Task> {
    const known = this.past.find((task) => task.assignment.item.id === assignment.item.id);
    const leaseEnds = this.now() + assignment.seconds * 1000;
    if (known) return { ...known, assignment, leaseEnds };
    return this.load(assignment, leaseEnds);
  }

  /** Lease as many as are missing; one call at a time. */
  fill(): Promise<void> {
    if (!this.filling && !this.stopped) {
      this.cancel?.();
      this.filling = this.lease().finally(() => {
        this.filling = null;
        this.tell();
      });
      this.tell();
    }
    return this.filling ?? Promise.resolve();
  }

  stop(): void {
    this.stopped = true;
    this.cancel?.();
    for (const task of [...this.past, ...this.tasks]) task.media?.release();
  }

  private next(): Task | null {
    for (let task = this.ahead.shift(); task; task = this.ahead.shift()) {
      if (task.leaseEnds > this.now()) return task;
      task.media?.release();
    }
    return null;
  }

  private remember(task: Task): void {
    const again = this.past.findIndex((one) => one.assignment.item.id === task.assignment.item.id);
    if (again >= 0) this.past.splice(again, 1);
    this.past.push(task);
    while (this.past.length > KEPT_MEDIA) this.past.shift()!.media?.release();
  }

  private async lease(): Promise<void> {
    const missing = this.parts.prefetch - this.ahead.length + (this.current ? 0 : 1);
    if (missing <= 0) return;
    try {
      let reply = await this.parts.lease(missing, this.greeted ? 'further' : 'first');
      this.greeted = true;
      let added = await this.take(reply.assignments);
      if (!this.current && added === 0) {
        await this.parts.sendFirst();
        reply = await this.parts.lease(missing, 'further');
        added = await this.take(reply.assignments);
      }
      this.trouble = null;
      this.waiting = this.current || added > 0 ? null : reply.waiting;
      if (!this.current) this.current = this.next();
      if (!this.current) this.again(CHECK_MS);
      else if (added > 0 && this.ahead.length <= this.parts.prefetch / 2) this.again(0);
    } catch (error) {
      this.signedOut = error instanceof Refusal && error.status === 401;
      if (!(error instanceof Away) && !(error instanceof Refusal)) throw error;
      this.trouble = error.message;
      if (!this.signedOut) this.again(RETRY_MS);
    }
  }

  /** Put fresh assignments behind the others, with their media; returns how many were new. */
  async take(assignments: readonly Assignment[]): Promise<number> {
    const known = new Set(this.held);
    const received = this.now();
    const fresh = assignments.filter(({ id }) => !known.has(id) && !this.parts.isAnswered(id));
    let added = 0;
    for (const loading of fresh.map((one) => this.load(one, received + one.seconds * 1000))) {
      const task = await loading;
      // An answer may have been given, in this tab or another, while the media was on its way.
      if (this.stopped || this.parts.isAnswered(task.assignment.id)) {
        task.media?.release();
        continue;
      }
      this.ahead.push(task);
      added += 1;
      if (!this.current) {
        this.current = this.next();
        this.waiting = null;
        this.tell();
      }
    }
    return added;
  }

  private async load(assignment: Assignment, leaseEnds: number): Promise<Task> {
    const url = assignment.item.media_url;
    if (!url) return { assignment, media: null, broken: null, leaseEnds };
    try {
      return { assignment, media: await this.parts.loadMedia(url), broken: null, leaseEnds };
    } catch (error) {
      const broken = error instanceof Error ? error.message : 'The image cannot be shown.';
      return { assignment, media: null, broken, leaseEnds };
    }
  }

  private again(ms: number): void {
    this.cancel?.();
    if (!this.stopped) this.cancel = this.later(ms, () => void this.fill());
  }

  private tell(): void {
    const state = this.state;
    for (const listener of this.listeners) listener(state);
  }
}
