/**
 * What changed from one release to another, as rows that can be told apart, counted and filtered.
 *
 * In: a diff as the server sends it. Out: rows, kinds with their counts, ways from label to label. Never: a change that the diff has not.
 */

import { catalog } from '../catalog';

interface Of {
  item: string;
  question: string;
  why: string;
  /** What the item begins with. */
  words: string;
}
interface Placed extends Of {
  label: string;
  confidence: number;
}
interface Both extends Of {
  old_confidence: number;
  new_confidence: number;
}
export interface Diff {
  added: Placed[];
  removed: Placed[];
  relabeled: (Both & { old: string; new: string })[];
  moved: (Both & { label: string })[];
  unchanged: number;
}

export const KINDS = ['relabeled', 'moved', 'added', 'removed'] as const;
export type Kind = (typeof KINDS)[number];
export interface Side {
  label: string;
  confidence: number;
}
export interface Row extends Of {
  kind: Kind;
  /** Null where a release has no label of this item. */
  old: Side | null;
  new: Side | null;
}
export interface Filter {
  /** None: all. */
  kinds: ReadonlySet<Kind>;
  way: string;
  question: string;
}

/** One list of all that changed, the heaviest kind first. */
export function rowsOf(diff: Diff): Row[] {
  const side = (label: string, confidence: number): Side => ({ label, confidence });
  return [
    ...diff.relabeled.map((one): Row => ({ ...one, kind: 'relabeled', old: side(one.old, one.old_confidence), new: side(one.new, one.new_confidence) })),
    ...diff.moved.map((one): Row => ({ ...one, kind: 'moved', old: side(one.label, one.old_confidence), new: side(one.label, one.new_confidence) })),
    ...diff.added.map((one): Row => ({ ...one, kind: 'added', old: null, new: side(one.label, one.confidence) })),
    ...diff.removed.map((one): Row => ({ ...one, kind: 'removed', old: side(one.label, one.confidence), new: null })),
  ];
}

export const wayOf = ({ old, new: now }: Row): string => `${old?.label ?? ''} → ${now?.label ?? ''}`;

/** The ways from label to label that relabeled items took, the most frequent first. */
export function waysOf(rows: readonly Row[]): [way: string, n: number][] {
  const found = new Map<string, number>();
  for (const row of rows) if (row.kind === 'relabeled') found.set(wayOf(row), (found.get(wayOf(row)) ?? 0) + 1);
  return [...found].sort((a, b) => b[1] - a[1]);
}

export const filtered = (rows: readonly Row[], { kinds, way, question }: Filter): Row[] =>
  rows.filter((row) => (!kinds.size || kinds.has(row.kind)) && (!way || (row.kind === 'relabeled' && wayOf(row) === way)) && (!question || row.question === question));

export const t = catalog({
  compare: 'What changed',
  compare_with: 'Compared with',
  release: 'Release {n}',
  unchanged: { one: '{n} label is the same', other: '{n} labels are the same' },
  nothing: 'Nothing: both releases hold the same labels, each about as sure.',
  kinds: 'Kinds of change that are shown',
  ways: 'From label to label',
  question: 'Question',
  every: 'all of them',
  relabeled: 'relabeled',
  moved: 'surer or less sure',
  added: 'new',
  removed: 'gone',
  surer: 'surer',
  unsurer: 'less sure',
  table: 'What changed, as a table: scroll for more',
  shown: { one: '{n} change', other: '{n} changes' },
  none_fits: 'No change fits these filters.',
  kind: 'Change',
  item: 'Item',
  from_to: 'From, to',
  sure: 'Sure',
  why: 'Why',
  votes: 'Votes',
  votes_of: 'Votes and rulings: {item}',
  no_votes: 'Nobody answered about it, and nothing was settled.',
  went: 'was',
  came: 'is now',
  no_label: 'no label',
  taken_back: 'taken back',
  answered: '{name} answered {answer}',
  settled: '{label} by {who}, round {round}',
  to_item: 'To the item',
  moved_note: 'Confidence that moved by less than 10 points is left out.',
});
