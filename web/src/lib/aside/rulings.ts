/**
 * What an adjudicator needs to see of a disagreement, and to say of a ruling.
 *
 * In: a disagreement, the guideline as the server rendered it. Out: equal answers side by side once, clauses, sentences.
 * Never: a name, or a call to the server.
 */

import type { Answer, Disagreement, Item, Vote } from '../api';
import { recall, remember } from '../taste';

/** Equal answers, and who gave them. */
export interface Group {
  answer: Answer;
  votes: Vote[];
}

/** A dispute as the server tells it: an annotator contests the label of an item. */
export interface Dispute {
  id: string;
  number: number;
  item: Item;
  question: string;
  /** Empty where what is wanted is no label. */
  label: string;
  answer: Answer;
  text: string;
  mine: boolean;
  at: string;
  state: string;
  settled: { label: string; answer: Answer; method: string; reason: string } | null;
}

/** Put equal answers together; the one that most gave comes first. */
export function grouped(votes: readonly Vote[]): Group[] {
  const groups = new Map<string, Group>();
  for (const vote of votes) {
    const key = nameOf(vote.answer);
    const known = groups.get(key);
    if (known) known.votes.push(vote);
    else groups.set(key, { answer: vote.answer, votes: [vote] });
  }
  return [...groups.values()].sort((a, b) => b.votes.length - a.votes.length);
}

/** One name for equal answers: keys in order, and of an abstention only that it is one. */
export function nameOf(answer: Answer): string {
  if (answer.kind === 'abstain') return 'abstain';
  return JSON.stringify(answer, (_, value: unknown) =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/**
 * How much harm it would do to leave an item as it is: the chance that what stands is wrong.
 *
 * Without a chance (an answer that has no probabilities) it is the share of answers that say something else.
 */
export function harm(found: Pick<Disagreement, 'confidence' | 'votes' | 'answer'>): number {
  if (found.confidence !== null && found.confidence !== undefined) return 1 - found.confidence;
  if (found.votes.length === 0) return 1;
  const most = grouped(found.votes)[0]!.votes.length;
  return 1 - most / found.votes.length;
}

/** The most harmful first; among equals as they came. */
export function byHarm<T extends Pick<Disagreement, 'confidence' | 'votes' | 'answer'>>(found: readonly T[]): T[] {
  return [...found].sort((a, b) => harm(b) - harm(a));
}

const LEAST_CLAUSE = 4;

/** The clauses of a guideline: its paragraphs and list items, as text, in their order. */
export function clausesOf(html: string): string[] {
  const found = new DOMParser().parseFromString(html, 'text/html');
  const words = [...found.querySelectorAll('p, li')]
    .filter((one) => !one.querySelector('p, li'))
    .map((one) => (one.textContent ?? '').replace(/\s+/g, ' ').trim())
    .filter((text) => text.length >= LEAST_CLAUSE);
  return [...new Set(words)];
}

/** The clause that a ruling stands on: one of the guideline, or one that it asks for. */
export interface Clause {
  text: string;
  kind: 'cited' | 'new';
}

const MOST_REASON = 2_000;

/** The reason of a ruling, with its clause in front. */
export function reasonOf(clause: Clause | null, words: string): string {
  const said = words.trim();
  if (!clause) return said;
  const head = clause.kind === 'cited' ? `By the clause “${clause.text}”.` : `By a new clause, proposed: “${clause.text}”.`;
  return `${head} ${said}`.trim().slice(0, MOST_REASON);
}

interface Read {
  version: number;
  clauses: string[];
}

/** What this person read last of a project's guideline, and note that they read this version now; null the first time. */
export function readBefore(project: string, version: number, clauses: readonly string[]): Read | null {
  const name = `read.${project}`;
  let before: Read | null = null;
  try {
    before = JSON.parse(recall(name, 'null')) as Read | null;
  } catch {
    before = null;
  }
  remember(name, JSON.stringify({ version, clauses }));
  return before && before.version !== version && Array.isArray(before.clauses) ? before : null;
}

/** Which clauses came since, and which went. */
export function sinceRead(before: Read | null, clauses: readonly string[]): { added: string[]; gone: string[]; from: number } {
  if (!before) return { added: [], gone: [], from: 0 };
  return {
    added: clauses.filter((text) => !before.clauses.includes(text)),
    gone: before.clauses.filter((text) => !clauses.includes(text)),
    from: before.version,
  };
}
