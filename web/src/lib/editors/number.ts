/**
 * The editor of a number: a field, its unit, its bounds told before they are broken.
 *
 * In: bounds, a step, a unit. Out: a number that keeps to them. Never: a number mended in silence.
 */

import type { Answer, Question } from '../api';
import type { Editor, EditorOptions, KeyRow } from './contract';
import { type Bench, type Body, type Form, Missing, mountForm } from './form';
import { button, make, numberOf } from './form-parts';

export const KEYS: readonly KeyRow[] = [
  { key: '0-9', text: 'write the number' },
  { key: '↑ ↓', text: 'one step more, one step less' },
  { key: 'Enter', text: 'send it' },
  { key: 'Esc', text: 'leave the field, so that single keys act again' },
];

export function wordsOf(answer: Answer, question: Pick<Question, 'unit'>): string {
  if (answer.kind === 'abstain') return 'Cannot decide';
  if (answer.kind !== 'number') return answer.kind;
  return question.unit ? `${answer.value} ${question.unit}` : String(answer.value);
}

type Bounds = Pick<Question, 'minimum' | 'maximum' | 'integer' | 'step'>;

/** What numbers are wanted, in words; empty when any. */
export function wanted({ minimum, maximum, integer, step }: Bounds): string {
  const kind = step ? `steps of ${step}` : integer ? 'a whole number' : '';
  const [low, high] = [minimum ?? null, maximum ?? null];
  const range =
    low !== null && high !== null ? `from ${low} to ${high}` : low !== null ? `${low} or more` : high !== null ? `${high} or less` : '';
  return [kind, range].filter(Boolean).join(', ');
}

/** Why a number is none of those wanted; empty when it is one. */
export function wrong(value: number, { minimum, maximum, integer, step }: Bounds): string {
  if (minimum != null && value < minimum) return `${value} is less than ${minimum}.`;
  if (maximum != null && value > maximum) return `${value} is more than ${maximum}.`;
  if (integer && !Number.isInteger(value)) return `${value} is not a whole number.`;
  if (step) {
    const steps = (value - (minimum ?? 0)) / step;
    if (Math.abs(steps - Math.round(steps)) > 1e-9 * Math.max(1, Math.abs(steps))) return `${value} is between the steps of ${step}.`;
  }
  return '';
}

/** The value as written; what it means is read when it is needed. */
const form: Form<string> = {
  empty: () => '',
  read: (answer) => (answer.kind === 'number' ? String(answer.value) : null),
  write(text, question) {
    if (!text.trim()) return new Missing('Write a number.');
    const value = numberOf(text);
    if (value === null) return new Missing(/,\d{3}$/.test(text.trim()) ? `Write ${text.replace(',', '')} or ${text.replace(',', '.')}.` : `“${text}” is no number.`);
    const problem = wrong(value, question);
    return problem ? new Missing(`${problem} Wanted: ${wanted(question)}.`) : { kind: 'number', value };
  },
  words: wordsOf,
  editable: true,
  make: body,
};

function body(desk: Bench<string>): Body<string> {
  const { question } = desk;
  const field = make('input', 'gf-field gf-big');
  field.inputMode = (question.minimum ?? -1) >= 0 ? (question.integer ? 'numeric' : 'decimal') : 'text';
  field.autocomplete = 'off';
  field.setAttribute('aria-label', `${question.prompt || question.name}${question.unit ? `, in ${question.unit}` : ''}`);
  const [less, more] = [button('gf-small', '−'), button('gf-small', '+')];
  less.setAttribute('aria-label', 'One step less');
  more.setAttribute('aria-label', 'One step more');
  const row = make('div', 'gf-line');
  row.append(field);
  if (question.unit) row.append(make('span', 'muted', question.unit));
  row.append(less, more);
  const heard = make('p', 'gf-heard');
  const element = make('div', 'gf');
  element.append(row, heard);

  function nudge(sign: number): boolean {
    const step = question.step || 1;
    const from = numberOf(field.value) ?? (desk.suggested === null ? null : numberOf(desk.suggested));
    const start = question.minimum ?? 0;
    let next = from === null ? start : from + sign * step;
    next = Math.min(question.maximum ?? Infinity, Math.max(question.minimum ?? -Infinity, next));
    // 0.1 + 0.2 is what a person means by it.
    desk.set(String(Number(next.toPrecision(12))), '', 'nudge');
    field.value = desk.value;
    return true;
  }

  field.addEventListener('input', () => desk.set(field.value, '', 'type'));
  field.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === 'Enter') desk.submit();
    else if (event.key === 'ArrowUp') nudge(1);
    else if (event.key === 'ArrowDown') nudge(-1);
    else return;
    event.preventDefault();
  });
  less.addEventListener('click', () => nudge(-1));
  more.addEventListener('click', () => nudge(1));
  return {
    element,
    draw() {
      if (field.value !== desk.value) field.value = desk.value;
      field.readOnly = desk.fixed;
      less.hidden = more.hidden = desk.fixed;
      field.toggleAttribute('data-proposed', desk.suggested !== null && !desk.value);
      const value = numberOf(desk.value);
      field.setAttribute('aria-invalid', String(desk.value.trim() !== '' && (value === null || wrong(value, question) !== '')));
      // What was understood, where it is written in another way.
      heard.textContent = value !== null && String(value) !== desk.value.trim() ? `Understood as ${value}` : wanted(question);
    },
    focus: () => field.focus(),
    key(press) {
      if (press.key === 'ArrowUp') return nudge(1);
      if (press.key === 'ArrowDown') return nudge(-1);
      if (!/^[0-9.,+-]$/.test(press.key)) return false;
      field.focus();
      desk.set(press.key, '', 'type');
      return true;
    },
  };
}

export const mount = (host: HTMLElement, options: EditorOptions): Editor => mountForm(host, options, form);
