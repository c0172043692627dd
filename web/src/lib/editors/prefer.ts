/**
 * The editor of a preference: which of two candidates is better, and by how much.
 *
 * In: whether ties are allowed, how many steps of strength. Out: the better one's place, with its strength. Never: a
 * preference by where the hand happened to be: left and right are what was shown left and right.
 */

import { say } from '../speech';
import type { Answer, Question } from '../api';
import type { Editor, EditorOptions, KeyRow } from './contract';
import { type Bench, type Body, type Form, Missing, mountForm } from './form';
import { button, digitOf, keyCap, make } from './form-parts';

export const KEYS: readonly KeyRow[] = [
  { key: '←', text: 'A is better; where strength is asked, one step toward A' },
  { key: '→', text: 'B is better; where strength is asked, one step toward B' },
  { key: '↓ or T', text: 'a tie' },
  { key: '1-9', text: 'the steps from left to right' },
  { key: 'Enter', text: 'send it' },
];

/** A step between the two: negative for A, positive for B, 0 for a tie. */
export type Lean = number | null;

const STRENGTHS = ['slightly', 'clearly', 'much'];

/** How strongly, in a word; in numbers where there are more steps than words. */
export function strengthWord(strength: number, strengths: number): string {
  if (strengths > 3) return `${strength} of ${strengths}`;
  return strengths === 2 ? ['slightly', 'much'][strength - 1]! : STRENGTHS[strength - 1]!;
}

/** The steps from left to right. */
export function leans({ ties = true, strengths = 0 }: Pick<Question, 'ties' | 'strengths'>): number[] {
  const steps = Array.from({ length: Math.max(1, strengths) }, (_, nth) => nth + 1);
  return [...steps.map((step) => -step).reverse(), ...(ties ? [0] : []), ...steps];
}

function named(lean: number, strengths: number): string {
  if (lean === 0) return say('Tie');
  const who = lean < 0 ? 'A' : 'B';
  return strengths > 1 ? `${who} ${strengthWord(Math.abs(lean), strengths)} better` : `${who} is better`;
}

const leanOf = ({ chosen, strength }: { chosen: number | null; strength: number | null }): number =>
  chosen === null ? 0 : (chosen === 0 ? -1 : 1) * (strength ?? 1);

export function wordsOf(answer: Answer, question: Pick<Question, 'strengths'>): string {
  if (answer.kind === 'abstain') return 'Cannot decide';
  return answer.kind === 'preference' ? named(leanOf(answer), question.strengths ?? 0) : answer.kind;
}

const form: Form<Lean> = {
  empty: () => null,
  read: (answer) => (answer.kind === 'preference' ? leanOf(answer) : null),
  write(lean, { strengths = 0, ties = true }) {
    if (lean === null) return new Missing(ties ? 'Say which is better, or that neither is.' : 'Say which is better.');
    if (lean === 0) return { kind: 'preference', chosen: null, strength: null };
    return { kind: 'preference', chosen: lean < 0 ? 0 : 1, strength: strengths ? Math.abs(lean) : null };
  },
  words: wordsOf,
  make: body,
};

function body(desk: Bench<Lean>): Body<Lean> {
  const { question } = desk;
  const strengths = question.strengths ?? 0;
  const steps = leans(question);
  const element = make('div', strengths > 1 ? 'gf-scale gf-leans' : 'gf-options');
  element.setAttribute('role', 'radiogroup');
  element.setAttribute('aria-label', question.prompt || question.name);
  element.style.setProperty('--tile', '6rem');
  const rows = steps.map((lean, nth) => {
    const one = button('gf-option');
    one.setAttribute('role', 'radio');
    one.append(make('span', 'gf-title', named(lean, strengths)));
    if (strengths < 2) one.append(keyCap(lean < 0 ? '←' : lean > 0 ? '→' : 'T'));
    else if (nth < 9) one.append(keyCap(String(nth + 1)));
    one.addEventListener('click', () => desk.give(lean));
    return one;
  });
  element.append(...rows);

  /** One step to a side; the first press names the side. */
  function toward(sign: number): boolean {
    if (strengths < 2) return desk.give(sign);
    const from = desk.value;
    let next = from === null ? sign : from + sign;
    if (next === 0 && !steps.includes(0)) next = sign;
    if (Math.abs(next) > strengths) return true;
    desk.set(next, named(next, strengths));
    return true;
  }

  return {
    element,
    draw() {
      rows.forEach((one, nth) => {
        const chosen = desk.value === steps[nth];
        one.setAttribute('aria-checked', String(chosen));
        one.tabIndex = chosen || (desk.value === null && nth === 0) ? 0 : -1;
        one.toggleAttribute('data-proposed', desk.suggested === steps[nth]);
        one.disabled = desk.fixed;
      });
    },
    focus: () => (rows[steps.indexOf(desk.value ?? steps[0]!)] ?? rows[0])?.focus(),
    key(press) {
      if (press.key === 'ArrowLeft') return toward(-1);
      if (press.key === 'ArrowRight') return toward(1);
      if (press.key === 'ArrowDown' || press.key.toLowerCase() === 't') {
        if (steps.includes(0)) desk.give(0);
        else desk.say('A tie is no answer here.');
        return true;
      }
      const digit = digitOf(press);
      if (!digit || press.shift) return digit === 0;
      return steps[digit - 1] !== undefined ? desk.give(steps[digit - 1]!) : true;
    },
  };
}

export const mount = (host: HTMLElement, options: EditorOptions): Editor => mountForm(host, options, form);
