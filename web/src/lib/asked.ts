import type { Answer, AskIf, Question } from './answers';

/** Whether a question is asked, given the answers before it; the server checks the same rule again. */
export function isAsked(question: Question, questions: readonly Question[], answers: Readonly<Record<string, Answer>>): boolean {
  const condition = question.ask_if;
  if (!condition) return true;
  const before = questions.find((one) => one.name === condition.question);
  const answer = answers[condition.question];
  return (
    before !== undefined &&
    isAsked(before, questions, answers) &&
    answer !== undefined &&
    holds(condition, answer)
  );
}

/** Whether an answer is what a condition wants: one of its labels (in a tree also one below them), or in its range. */
function holds(condition: AskIf, answer: Answer): boolean {
  const labels = condition.labels ?? [];
  switch (answer.kind) {
    case 'choice':
      return labels.includes(answer.label);
    case 'choices':
      return answer.labels.some((label) => labels.includes(label));
    case 'taxonomy':
      return answer.labels.some((label) => labels.some((one) => label === one || label.startsWith(`${one}/`)));
    case 'rating':
    case 'number':
      return answer.value >= (condition.at_least ?? -Infinity) && answer.value <= (condition.at_most ?? Infinity);
    default:
      return false;
  }
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
