import type { Answer, Question } from './api';

/** Whether a question is asked, given the answers before it; the server checks the same rule again. */
export function isAsked(question: Question, questions: readonly Question[], answers: Readonly<Record<string, Answer>>): boolean {
  const condition = question.ask_if;
  if (!condition) return true;
  const before = questions.find((one) => one.name === condition.question);
  const answer = answers[condition.question];
  return (
    before !== undefined &&
    isAsked(before, questions, answers) &&
    answer?.kind === 'choice' &&
    condition.labels.includes(answer.label)
  );
}

/** The place of the next question that is asked after place `at`, or null when that was the last. */
export function nextAsked(questions: readonly Question[], answers: Readonly<Record<string, Answer>>, at: number): number | null {
  const next = questions.findIndex((question, place) => place > at && isAsked(question, questions, answers));
  return next < 0 ? null : next;
}

/** The answers to questions that are asked: one given before an earlier answer changed is left out. */
export function askedOnly(questions: readonly Question[], answers: Readonly<Record<string, Answer>>): Record<string, Answer> {
  const kept = Object.entries(answers).filter(([name]) => {
    const question = questions.find((one) => one.name === name);
    return question !== undefined && isAsked(question, questions, answers);
  });
  return Object.fromEntries(kept);
}
