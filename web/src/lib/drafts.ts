/**
 * What a person has marked and not sent: kept in this browser, so that a reload in the middle loses nothing.
 *
 * In: an assignment, a question, the value after each act. Out: the value last kept. Never: the item's content, or the only
 * copy of something sent (that is the outbox's).
 */

import type { Answer } from './api';
import { recall, remember } from './taste';

const NAME = 'drafts';
/** As many items as a person works on at once, and then some. */
const MOST = 20;
/** Characters of one draft; above that a reload costs what was marked, rather than every key press its time. */
const LONGEST = 100_000;

interface Draft {
  assignment: string;
  question: string;
  answer: Answer;
}

function all(): Draft[] {
  try {
    const found: unknown = JSON.parse(recall(NAME, '[]'));
    return Array.isArray(found) ? (found as Draft[]) : [];
  } catch {
    return [];
  }
}

let pending: { draft: Draft; timer: ReturnType<typeof setTimeout> } | null = null;

/** Keep this value soon: acts that follow each other quickly are written once. */
export function keep(assignment: string, question: string, answer: Answer, wait = 250): void {
  const draft = { assignment, question, answer };
  if (pending && (pending.draft.assignment !== assignment || pending.draft.question !== question)) write();
  if (pending) clearTimeout(pending.timer);
  pending = { draft, timer: setTimeout(write, wait) };
}

/** Write what waits to be written; a page that goes away calls this. */
export function write(): void {
  if (!pending) return;
  const { draft, timer } = pending;
  clearTimeout(timer);
  pending = null;
  const others = all().filter((one) => one.assignment !== draft.assignment || one.question !== draft.question);
  const one = JSON.stringify(draft);
  if (one.length <= LONGEST) remember(NAME, JSON.stringify([...others, draft].slice(-MOST)));
}

export function read(assignment: string, question: string): Answer | null {
  write();
  return all().find((one) => one.assignment === assignment && one.question === question)?.answer ?? null;
}

/** The assignment was answered: nothing of it is a draft any more. */
export function drop(assignment: string): void {
  write();
  const rest = all().filter((one) => one.assignment !== assignment);
  remember(NAME, JSON.stringify(rest));
}
