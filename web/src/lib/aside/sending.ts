/**
 * A ruling and what goes with it, as letters: each has an id of its own, and arrives once.
 *
 * In: what was decided. Out: the letters' ids, the ruling's first. Never: a call (the outbox sends).
 */

import type { Answer, Item } from '../api';
import { uuid7 } from '../ids';
import type { Outbox } from '../outbox';
import { type Clause, type Dispute, nameOf } from './rulings';

export interface Decided {
  project: string;
  item: Item;
  question: string;
  answer: Answer;
  /** The answer in words, and why. */
  words: string;
  said: string;
  clause: Clause | null;
  /** Whether the item becomes a worked example. */
  quoted: boolean;
  dispute: Dispute | null;
}

/** Keep the ruling, and the proposals that come with it. */
export async function send(box: Outbox, one: Decided): Promise<string[]> {
  const id = uuid7();
  const about = { project: one.project, assignment: one.item.id };
  const title = `Ruling ${one.words}: ${(one.item.text ?? 'image').slice(0, 80)}`;
  const label = one.answer.kind === 'choice' ? one.answer.label : '';
  const letters = [id];
  if (one.dispute) {
    const stands = one.dispute.settled !== null && nameOf(one.answer) === nameOf(one.dispute.settled.answer);
    const body = {
      id,
      reason: one.said,
      state: stands ? 'upheld' : 'overruled',
      ...(stands ? {} : { answer: one.answer }),
      ...(one.quoted ? { worked_example: uuid7() } : {}),
    };
    await box.post({ kind: 'note', id, ...about, title, path: `/disputes/${one.dispute.id}/decision`, body });
  } else {
    const body = { id, item: one.item.id, question: one.question, answer: one.answer, reason: one.said };
    await box.post({ kind: 'ruling', id, ...about, title, body });
    if (one.quoted) letters.push(await propose(box, about, `Worked example: ${title}`, { about: 'worked_example', item: one.item.id, label, why: one.said }));
  }
  if (one.clause?.kind === 'new') {
    const { text } = one.clause;
    letters.push(await propose(box, about, `New clause: ${text.slice(0, 80)}`, { about: 'clause', text, why: one.said }));
  }
  return letters;
}

async function propose(box: Outbox, about: { project: string; assignment: string }, title: string, wish: object): Promise<string> {
  const id = uuid7();
  await box.post({ kind: 'note', id, ...about, title, path: '/proposals', body: { id, ...wish } });
  return id;
}
