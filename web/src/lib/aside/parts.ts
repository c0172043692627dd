/**
 * Answers of several parts, side by side: which part each says what of, and where they differ.
 *
 * In: answers to one question. Out: rows of a table, those that differ and those that agree. Never: a part left out.
 */

import type { Answer, Question } from '../api';
import { titleOf } from '../labels';
import { letterOf } from '../letters';

/** One part with what each answer says of it; empty where it says nothing. */
export interface Row {
  name: string;
  says: string[];
}

export interface Compared {
  differ: Row[];
  agree: Row[];
}

const YES = '✓';

/** The parts of an answer by name; null for an answer that is one part. */
export function partsOf(answer: Answer, question: Question): Map<string, string> | null {
  switch (answer.kind) {
    case 'choices':
    case 'taxonomy':
      return new Map(answer.labels.map((name) => [titleOf(question.labels?.find((label) => label.name === name) ?? { name }), YES]));
    case 'rubric':
      return new Map(answer.grades.map(({ turn, criterion, value }) => [gradeName(turn, criterion, question), String(value)]));
    case 'key_values':
      return pairsOf(answer.pairs, question);
    case 'ranking':
      return new Map(answer.order.flatMap((step, place) => step.map((candidate): [string, string] => [letterOf(candidate), String(place + 1)])).sort());
    default:
      return null;
  }
}

function gradeName(turn: number | null, criterion: string, question: Question): string {
  const title = question.criteria?.find((one) => one.name === criterion)?.title || criterion;
  return turn === null ? title : `${title}, turn ${turn + 1}`;
}

function pairsOf(pairs: readonly { key: string; value: string | number | boolean }[], question: Question): Map<string, string> {
  const found = new Map<string, string>();
  for (const { key, value } of pairs) {
    const title = question.keys?.find((one) => one.name === key)?.title || key;
    const words = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
    found.set(title, found.has(title) ? `${found.get(title)} · ${words}` : words);
  }
  return found;
}

/** Compare answers part by part; null where an answer is one part, so that there is nothing to fold. */
export function compare(answers: readonly Answer[], question: Question): Compared | null {
  const given = answers.map((answer) => (answer.kind === 'abstain' ? new Map<string, string>() : partsOf(answer, question)));
  if (given.some((parts) => parts === null) || answers.every((answer) => answer.kind === 'abstain')) return null;
  const names = [...new Set(given.flatMap((parts) => [...parts!.keys()]))];
  const rows = names.map((name) => ({ name, says: given.map((parts) => parts!.get(name) ?? '') }));
  return { differ: rows.filter((row) => !isOne(row)), agree: rows.filter(isOne) };
}

const isOne = ({ says }: Row) => says.every((one) => one === says[0]);

/** Kinds whose ruling begins with what stands: they are edited, where the others are chosen anew. */
export const EDITED: ReadonlySet<string> = new Set(['choices', 'taxonomy', 'rubric', 'key_values', 'ranking', 'text']);
