/**
 * The editor that asks for the best of several candidates.
 *
 * In: the candidates of the item. Out: the place of one. Never: a candidate that is not shown.
 */

import type { Answer } from '../api';
import type { Editor, EditorOptions, KeyRow } from './contract';
import { type Bench, type Body, type Form, Missing, mountForm } from './form';
import { button, candidatesOf, digitOf, excerpt, keyCap, letterOf, make } from './form-parts';

export const KEYS: readonly KeyRow[] = [
  { key: '1-9', text: 'this candidate is the best' },
  { key: '← →', text: 'the candidate before, the one after; Enter sends' },
];

export function wordsOf(answer: Answer): string {
  if (answer.kind === 'abstain') return 'Cannot decide';
  return answer.kind === 'best' ? `${letterOf(answer.chosen)} is best` : answer.kind;
}

const form: Form<number | null> = {
  empty: () => null,
  read: (answer) => (answer.kind === 'best' ? answer.chosen : null),
  write: (chosen) => (chosen === null ? new Missing('Say which is the best.') : { kind: 'best', chosen }),
  words: wordsOf,
  make: body,
};

function body(desk: Bench<number | null>): Body<number | null> {
  const element = make('div', 'gf-options');
  element.setAttribute('role', 'radiogroup');
  element.setAttribute('aria-label', desk.question.prompt || desk.question.name);
  element.style.setProperty('--tile', '9rem');
  let known: readonly string[] | null = null;
  let rows: HTMLButtonElement[] = [];

  function fill(): void {
    const candidates = candidatesOf(desk.shown);
    if (candidates === known) return;
    known = candidates;
    rows = candidates.map((text, nth) => {
      const one = button('gf-option');
      one.setAttribute('role', 'radio');
      const words = make('span', 'gf-words');
      words.append(make('span', 'gf-title', letterOf(nth)), make('span', 'gf-definition', excerpt(text, 60)));
      one.append(words);
      if (nth < 9) one.append(keyCap(String(nth + 1)));
      one.addEventListener('click', () => desk.give(nth));
      return one;
    });
    element.replaceChildren(...rows);
  }

  return {
    element,
    draw() {
      fill();
      rows.forEach((one, nth) => {
        const chosen = desk.value === nth;
        one.setAttribute('aria-checked', String(chosen));
        one.tabIndex = chosen || (desk.value === null && nth === 0) ? 0 : -1;
        one.toggleAttribute('data-proposed', desk.suggested === nth);
        one.disabled = desk.fixed;
      });
    },
    focus: () => rows[desk.value ?? 0]?.focus(),
    key(press) {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[press.key];
      if (step && rows.length) {
        const next = ((desk.value ?? (step > 0 ? -1 : rows.length)) + step + rows.length) % rows.length;
        desk.set(next, `${letterOf(next)} is best`, 'walk');
        return true;
      }
      const digit = digitOf(press);
      if (!digit || press.shift) return digit !== null;
      return digit <= rows.length ? desk.give(digit - 1) : true;
    },
  };
}

export const mount = (host: HTMLElement, options: EditorOptions): Editor => mountForm(host, options, form);
