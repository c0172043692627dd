/**
 * Calls that no first paint waits for, by name: talk, corrections, reasons, leases.
 *
 * In: a project, ids. Out: what the server says. Never: a call that the annotate page makes before its first item.
 */

import { api, type Answer, type Disagreement, type Item } from '../api';
import { uuid7 } from '../ids';
import type { Dispute } from './rulings';

/** A reason that people choose from when they pass on an item, flag it, or are unsure. */
export interface Reason {
  name: string;
  title: string;
}

/** An own answer that a person decided otherwise. */
export interface Correction {
  item: Item;
  question: string;
  answer: Answer;
  ruled: Answer;
  reason: string;
  at: string;
  ruled_at: string;
}

export interface Corrections {
  corrections: Correction[];
  /** Goes into `before` for what came earlier; null at the end. */
  before: string | null;
}

/** What was said about an item, in one place. */
export interface Thread {
  id: string;
  item: Item;
  state: string;
  mine: boolean;
  comments: { id: string; says: string; mine: boolean; text: string; at: string }[];
}

export interface Extended {
  assignment: string;
  seconds: number;
  left: number;
  error: { message: string } | null;
}

/** Escalated items that the caller may settle; of one question, the first unless it is named. */
export const disagreements = (project: string, limit = 20, question = '') =>
  api.read<Disagreement[]>(project, `/disagreements?limit=${limit}${question && `&question=${encodeURIComponent(question)}`}`);

export const disputes = (project: string) => api.read<Dispute[]>(project, '/disputes?state=open&limit=50');

/** Own threads about an item. */
export const threads = (project: string, item: string) => api.read<Thread[]>(project, `/threads?limit=5&item=${item}`);

export const reasons = (project: string) => api.read<Reason[]>(project, '/reasons');

export const corrections = (project: string, before: string | null = null) =>
  api.read<Corrections>(project, `/corrections${before === null ? '' : `?before=${before}`}`);

/** Hold assignments for another lease; each is answered by itself. */
export async function extend(project: string, held: readonly { assignment: string; token: string }[]): Promise<Extended[]> {
  const body = { id: uuid7(), held };
  return ((await api.note(project, '/leases/extend', body)) as { results: Extended[] }).results;
}

/** Hand an item up to the next tier. */
export const escalate = (project: string, item: string, reason: string, question: string) =>
  api.note(project, '/escalations', { id: uuid7(), item, reason, question } as { id: string });
