/**
 * The editor of a rating: steps of a scale, each with its digit.
 *
 * In: the ends of the scale and their names. Out: a whole number between them. Never: a step between the steps.
 */

import type { Answer, Question } from '../api';
import type { Editor, EditorOptions, KeyRow } from './contract';
import { type Bench, type Body, type Form, Missing, mountForm } from './form';
import { button, digitOf, keyCap, make } from './form-parts';

/** More steps than this are a line with a handle. */
const MOST_STEPS = 11;

export const KEYS: readonly KeyRow[] = [
  { key: '0-9', text: 'the step of that number; Shift and 0 is 10' },
  { key: '← →', text: 'one step less, one step more' },
  { key: 'Enter', text: 'send it' },
];

export function wordsOf(answer: Answer, question: Pick<Question, 'maximum'>): string {
  if (answer.kind === 'abstain') return 'Cannot decide';
  if (answer.kind !== 'rating') return answer.kind;
  return `${answer.value} of ${question.maximum ?? 5}`;
}

const ends = (question: Question): [number, number] => [question.minimum ?? 1, question.maximum ?? 5];

const form: Form<number | null> = {
  empty: () => null,
  read: (answer) => (answer.kind === 'rating' ? answer.value : null),
  write: (value) => (value === null ? new Missing('Choose a step of the scale.') : { kind: 'rating', value }),
  words: wordsOf,
  make: (desk) => (ends(desk.question)[1] - ends(desk.question)[0] < MOST_STEPS ? steps(desk) : line(desk)),
};

function named(question: Question): HTMLElement {
  const element = make('div', 'gf-ends');
  const [low, high] = ends(question);
  element.append(make('span', '', question.low_title ? `${low}: ${question.low_title}` : ''));
  element.append(make('span', '', question.high_title ? `${high}: ${question.high_title}` : ''));
  element.hidden = !question.low_title && !question.high_title;
  return element;
}

/** The value one step away, and what is said of it. */
function nudge(desk: Bench<number | null>, step: number): boolean {
  const [low, high] = ends(desk.question);
  const from = desk.value ?? desk.suggested;
  const next = from === null ? (step > 0 ? low : high) : Math.min(high, Math.max(low, from + step));
  desk.set(next, `${next} of ${high}`, 'nudge');
  return true;
}

const ARROWS: Record<string, number> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

function steps(desk: Bench<number | null>): Body<number | null> {
  const [low, high] = ends(desk.question);
  const scale = make('div', 'gf-scale');
  scale.setAttribute('role', 'radiogroup');
  scale.setAttribute('aria-label', desk.question.prompt || desk.question.name);
  const rows = Array.from({ length: high - low + 1 }, (_, nth) => {
    const value = low + nth;
    const one = button('gf-option');
    one.setAttribute('role', 'radio');
    const title = value === low ? desk.question.low_title : value === high ? desk.question.high_title : '';
    one.setAttribute('aria-label', title ? `${value}: ${title}` : String(value));
    one.append(make('span', 'gf-title', String(value)));
    // A step is its own key.
    if (value >= 0 && value < 10) one.setAttribute('aria-keyshortcuts', String(value));
    else if (value === 10) one.append(keyCap('⇧0'));
    one.addEventListener('click', () => desk.give(value));
    return one;
  });
  scale.append(...rows);
  const element = make('div', 'gf');
  element.append(scale, named(desk.question));
  return {
    element,
    draw() {
      rows.forEach((one, nth) => {
        const chosen = desk.value === low + nth;
        one.setAttribute('aria-checked', String(chosen));
        one.tabIndex = chosen || (desk.value === null && nth === 0) ? 0 : -1;
        one.toggleAttribute('data-proposed', desk.suggested === low + nth);
        one.disabled = desk.fixed;
      });
    },
    focus: () => (rows[(desk.value ?? low) - low] ?? rows[0])?.focus(),
    key(press) {
      const arrow = ARROWS[press.key];
      if (arrow) {
        nudge(desk, arrow);
        if (rows.includes(document.activeElement as HTMLButtonElement)) rows[(desk.value ?? low) - low]?.focus();
        return true;
      }
      const digit = digitOf(press);
      if (digit === null) return false;
      const value = press.shift ? digit + 10 : digit;
      if (value < low || value > high) desk.say(`The scale goes from ${low} to ${high}.`);
      else desk.give(value);
      return true;
    },
  };
}

/** A long scale: a handle on a line, and the number beside it. */
function line(desk: Bench<number | null>): Body<number | null> {
  const [low, high] = ends(desk.question);
  const [handle, field] = [make('input', ''), make('input', 'gf-field gf-big')];
  handle.type = 'range';
  field.inputMode = 'numeric';
  field.setAttribute('aria-label', `${desk.question.prompt || desk.question.name}: the number`);
  handle.setAttribute('aria-label', desk.question.prompt || desk.question.name);
  Object.assign(handle, { min: String(low), max: String(high), step: '1' });
  handle.style.cssText = 'flex:1 1 60%;min-height:44px';
  field.style.cssText = 'flex:0 1 6rem;text-align:center';
  const row = make('div', 'gf-line');
  row.append(handle, field);
  const element = make('div', 'gf');
  element.append(row, named(desk.question));
  handle.addEventListener('input', () => desk.set(Number(handle.value), `${handle.value} of ${high}`, 'slide'));
  field.addEventListener('input', () => {
    const value = /^-?\d+$/.test(field.value.trim()) ? Number(field.value) : null;
    desk.set(value !== null && value >= low && value <= high ? value : null, '', 'type');
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    desk.submit();
  });
  return {
    element,
    draw() {
      handle.value = String(desk.value ?? desk.suggested ?? Math.round((low + high) / 2));
      handle.disabled = field.disabled = desk.fixed;
      if (document.activeElement !== field) field.value = desk.value === null ? '' : String(desk.value);
    },
    focus: () => field.focus(),
    key(press) {
      if (ARROWS[press.key]) return nudge(desk, ARROWS[press.key]! * (press.shift ? 10 : 1));
      if (digitOf(press) === null || press.shift) return false;
      field.focus();
      field.value = String(digitOf(press));
      field.dispatchEvent(new Event('input'));
      return true;
    },
  };
}

export const mount = (host: HTMLElement, options: EditorOptions): Editor => mountForm(host, options, form);
