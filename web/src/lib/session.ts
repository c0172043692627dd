/**
 * One sitting of one annotator: queue, outbox and undo, joined.
 *
 * In: what the person does (answer, skip, undo). Out: letters in the outbox, the next task, a sentence that says what
 * happened. Never: the document, or a screen that changes before the letter is kept.
 */

import { type Answer, type Api, type Project } from './api';
import { uuid7 } from './ids';
import type { Outbox } from './outbox';
import type { Queue, Task } from './queue';

export const UNDO_DEPTH = 50;

interface Deed {
  kind: 'answer' | 'skip';
  letter: string;
  task: Task;
  answers: Record<string, Answer>;
}

export interface Tally {
  answered: number;
  skipped: number;
  undone: number;
  median_seconds: number | null;
}

export interface SessionParts {
  project: Pick<Project, 'id' | 'schema_version' | 'guideline_version'>;
  queue: Queue;
  outbox: Outbox;
  api: Pick<Api, 'withdraw'>;
  clock?: () => number;
}

/** What an undo came to. `answers` is what had been given, to be shown as marked. */
export type Undone = { done: true; answers: Record<string, Answer> } | { done: false; why: string };

export class Session {
  private readonly deeds: Deed[] = [];
  private readonly seconds: number[] = [];
  private skipped = 0;
  private undone = 0;
  private busy = false;
  private shownAt = 0;
  private hiddenSince: number | null = null;
  private hidden = 0;
  private readonly clock: () => number;

  constructor(private readonly parts: SessionParts) {
    this.clock = parts.clock ?? (() => performance.now());
  }

  get tally(): Tally {
    return {
      answered: this.seconds.length,
      skipped: this.skipped,
      undone: this.undone,
      median_seconds: median(this.seconds),
    };
  }

  get canUndo(): boolean {
    return this.deeds.length > 0;
  }

  /** The item on screen was painted: the time spent on it starts. */
  shown(): void {
    this.shownAt = this.clock();
    this.hidden = 0;
    this.hiddenSince = this.hiddenSince === null ? null : this.shownAt;
  }

  /** The page went out of sight, or came back: time away is not time spent. */
  sight(visible: 'visible' | 'hidden'): void {
    if (visible === 'hidden') this.hiddenSince ??= this.clock();
    else if (this.hiddenSince !== null) {
      this.hidden += this.clock() - this.hiddenSince;
      this.hiddenSince = null;
    }
  }

  /** Keep the answers, then show the next item. Returns whether it was done (a second key in between is not an answer). */
  async answer(answers: Record<string, Answer>, title: string): Promise<boolean> {
    return this.act('answer', answers, async (task, id, seconds) => {
      const { id: project, schema_version, guideline_version } = this.parts.project;
      const { id: assignment, token } = task.assignment;
      const body = { id, assignment, token, answers, seconds, schema_version, guideline_version };
      await this.parts.outbox.post({ kind: 'annotation', id, project, assignment, title, body });
      this.seconds.push(seconds);
    });
  }

  /** Pass on the item, with a reason, and show the next. */
  async skip(reason: string, title: string): Promise<boolean> {
    return this.act('skip', {}, async (task, id) => {
      const { id: assignment, token } = task.assignment;
      const body = { id, token, reason };
      await this.parts.outbox.post({ kind: 'skip', id, project: this.parts.project.id, assignment, title, body });
      this.skipped += 1;
    });
  }

  /** Take back the last deed and show its item again; an answer that was sent is withdrawn by a new event. */
  async undo(): Promise<Undone> {
    const deed = this.deeds.at(-1);
    if (!deed || this.busy) return { done: false, why: deed ? 'One moment.' : 'There is nothing to undo.' };
    this.busy = true;
    try {
      const task = await this.takeBack(deed);
      if (typeof task === 'string') return { done: false, why: task };
      this.deeds.pop();
      if (deed.kind === 'answer') this.seconds.pop();
      else this.skipped -= 1;
      this.undone += 1;
      this.parts.queue.show(task);
      return { done: true, answers: deed.answers };
    } finally {
      this.busy = false;
    }
  }

  private async takeBack(deed: Deed): Promise<Task | string> {
    const outcome = await this.parts.outbox.takeBack(deed.letter);
    if (outcome === 'taken') return deed.task;
    if (outcome === 'unsure') return 'The server cannot be reached; undo works again when it is back.';
    if (deed.kind === 'skip') {
      this.deeds.pop();
      return 'That skip has been sent, and another person may have the item now. Undo again for the one before.';
    }
    try {
      const { assignment } = await this.parts.api.withdraw(this.parts.project.id, deed.letter, uuid7());
      return await this.parts.queue.revive(assignment);
    } catch (error) {
      return error instanceof Error ? `Not undone: ${error.message}` : 'Not undone.';
    }
  }

  private async act(
    kind: Deed['kind'],
    answers: Deed['answers'],
    write: (task: Task, id: string, seconds: number) => Promise<void>,
  ): Promise<boolean> {
    const task = this.parts.queue.state.task;
    if (!task || this.busy) return false;
    this.busy = true;
    try {
      const id = uuid7();
      await write(task, id, this.spent());
      this.deeds.push({ kind, letter: id, task, answers });
      if (this.deeds.length > UNDO_DEPTH) this.deeds.shift();
      this.parts.queue.advance();
      return true;
    } finally {
      this.busy = false;
    }
  }

  private spent(): number {
    const now = this.clock();
    const away = this.hidden + (this.hiddenSince === null ? 0 : now - this.hiddenSince);
    const seconds = Math.max(0, (now - this.shownAt - away) / 1000);
    return Math.min(Math.round(seconds * 1000) / 1000, 86_399);
  }
}

/** The middle value; undefined of none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
