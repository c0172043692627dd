/**
 * What an adjudicator has in hand: disagreements and contested labels, each with its media.
 *
 * In: what the server lists. Out: cases, and the keys of their page. Never: a decision.
 */

import type { Disagreement } from '../api';
import { pressOf } from '../keys';
import { loadMedia } from '../media';
import type { Media } from '../queue';
import { recall } from '../taste';
import type { Dispute } from './rulings';

export interface Case extends Disagreement {
  media: Media | null;
  broken: string | null;
  /** Set where an annotator contests the label that stands. */
  dispute: Dispute | null;
}

/** A disagreement, or a dispute in its form. */
export type Found = Disagreement & { dispute?: Dispute | null };

/** The keys of the page, beside those that all pages have. */
export const ROWS = [
  { key: 'C', text: 'the clause that the ruling stands on' },
  { key: 'W', text: 'make this a worked example, or not' },
  { key: 'E', text: 'hand the item up' },
  { key: 'S', text: 'put the item at the end' },
  { key: 'Alt 1-9', text: 'begin the ruling with that answer, and change what is wrong' },
];

/** A dispute as a case: what stands is what one looks at again. */
export function caseOf(dispute: Dispute): Found {
  const reason = 'An annotator contests the label that stands.';
  const { item, question, settled } = dispute;
  return { item, question, answer: settled?.answer ?? null, confidence: null, reason, votes: [], posterior: {}, suggestion: null, dispute };
}

/** One name for a case: an item may wait for several questions. */
export const nameOf = (one: Found) => `${one.item.id} ${one.question ?? ''} ${one.dispute?.id ?? ''}`;

/** Bring the media of a case along; one whose media is broken says so. */
export async function load(one: Found): Promise<Case> {
  const plain = { ...one, dispute: one.dispute ?? null, media: null, broken: null };
  if (!one.item.media_url) return plain;
  try {
    return { ...plain, media: await loadMedia(one.item.media_url) };
  } catch (problem) {
    return { ...plain, broken: problem instanceof Error ? problem.message : String(problem) };
  }
}

/** What a key of this page alone asks for: a vote's place to begin with, or an act. A label's own key wins. */
export function ownOf(event: KeyboardEvent, labels: readonly string[]): number | 'clause' | 'example' | 'escalate' | null {
  const { key, focus, modified } = pressOf(event);
  const nth = event.altKey ? /^Digit([1-9])$/.exec(event.code)?.[1] : undefined;
  if (nth) return Number(nth) - 1;
  if (focus === 'text') return null;
  const small = key.toLowerCase();
  if (modified || event.repeat || labels.includes(small) || recall('keys', 'all') === 'safe') return null;
  return small === 'c' ? 'clause' : small === 'w' ? 'example' : small === 'e' ? 'escalate' : null;
}
