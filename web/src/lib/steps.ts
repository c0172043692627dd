/**
 * The questions of one item, answered one after another: where a person is, what was said, what is not asked any more.
 *
 * In: questions, a walk through them, an answer. Out: another walk. Never: an answer kept to a question that is no longer
 * asked (the walk before still has it, for an undo).
 */

import type { Answer, Question } from './answers';
import { askedOnly, isAsked } from './asked';

export interface Walk {
  answers: Readonly<Record<string, Answer>>;
  /** The answers in words. */
  said: Readonly<Record<string, string>>;
  /** Questions that need no answer, and were left without one. */
  left: readonly string[];
  at: number;
}

export const START: Walk = { answers: {}, said: {}, left: [], at: 0 };

export interface Taken {
  walk: Walk;
  /** Questions that had an answer and are not asked any more. */
  dropped: string[];
  /** Nothing is left to ask. */
  done: boolean;
}

/** Take an answer (null: left without one) to the question at a place, and go on to the next that wants one. */
export function take(questions: readonly Question[], walk: Walk, place: number, answer: Answer | null, words = ''): Taken {
  const { name } = questions[place]!;
  const others = Object.fromEntries(Object.entries(walk.answers).filter(([one]) => one !== name));
  const given = answer ? { ...others, [name]: answer } : others;
  const answers = askedOnly(questions, given);
  const dropped = Object.keys(given).filter((one) => !(one in answers));
  const left = [...walk.left.filter((one) => one !== name), ...(answer ? [] : [name])];
  const said = { ...walk.said, [name]: words };
  const open = openPlaces(questions, answers, left);
  const next = open.find((one) => one > place) ?? open[0];
  return { walk: { answers, said, left, at: next ?? place }, dropped, done: next === undefined };
}

/** The places of questions that are asked and have no answer yet. */
export function openPlaces(questions: readonly Question[], answers: Walk['answers'], left: readonly string[]): number[] {
  return asked(questions, answers).filter((place) => {
    const { name } = questions[place]!;
    return !(name in answers) && !left.includes(name);
  });
}

/** The places of the questions that are asked, as far as the answers tell. */
export function asked(questions: readonly Question[], answers: Walk['answers']): number[] {
  return questions.flatMap((question, place) => (isAsked(question, questions, answers) ? [place] : []));
}

/** The place before this one that is asked; this one where there is none. */
export function before(questions: readonly Question[], { answers, at }: Walk): number {
  return asked(questions, answers).findLast((place) => place < at) ?? at;
}

/** The keys of several questions, for the overlay. */
export const STEP_KEYS = [
  { key: 'B', text: 'the question before' },
  { key: 'V', text: 'all questions at once, or one by one' },
  { key: 'N', text: 'leave without an answer, where that is allowed' },
] as const;
