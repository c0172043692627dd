/**
 * The editor of a question that takes several labels: digits and clicks switch them, Enter sends.
 *
 * In: labels, how many may be chosen. Out: the set chosen, in the order of the labels. Never: more buttons than a person
 * can read; the others are found by name.
 */

import type { Answer, Label, Question } from '../api';
import { formOf, hueOf, titleOf } from '../labels';
import type { Editor, EditorOptions, KeyRow } from './contract';
import { type Bench, type Body, type Form, Missing, mountForm } from './form';
import { button, keyCap, make } from './form-parts';

const SHOWN_LABELS = 20;

export const KEYS: readonly KeyRow[] = [
  { key: '1-9', text: 'choose a label, or leave it out again' },
  { key: '↑ ↓', text: 'the label before, the label after; Space chooses it' },
  { key: 'Enter', text: 'send what is chosen' },
];

export function wordsOf(answer: Answer, question: Pick<Question, 'labels'>): string {
  if (answer.kind === 'abstain') return 'Cannot decide';
  if (answer.kind !== 'choices') return answer.kind;
  const titles = answer.labels.map((name) => titleOf(question.labels?.find((label) => label.name === name) ?? { name }));
  return titles.join(', ') || 'None of them';
}

/** How many labels an answer needs, in words; empty when there are enough and not too many. */
export function wanting(n: number, { at_least, at_most }: Pick<Question, 'at_least' | 'at_most'>): string {
  const [least, most] = [at_least ?? 0, at_most ?? Infinity];
  if (n < least) return least === most ? (least === 1 ? 'Choose one.' : `Choose ${least}: ${least - n} to go.`) : `Choose at least ${least}.`;
  if (n > most) return `Choose at most ${most}: leave out ${n - most}.`;
  return '';
}

const ordered = (names: readonly string[], labels: readonly Label[]) =>
  labels.map((label) => label.name).filter((name) => names.includes(name));

const form: Form<string[]> = {
  empty: () => [],
  read: (answer, question) => (answer.kind === 'choices' ? ordered(answer.labels, question.labels ?? []) : null),
  write(names, question) {
    const missing = wanting(names.length, question);
    return missing ? new Missing(missing) : { kind: 'choices', labels: names };
  },
  words: wordsOf,
  fromLabel: (label) => ({ kind: 'choices', labels: [label] }),
  ask: (names) => (names.length ? null : 'Nothing is chosen. Enter again if none of them fits.'),
  make: body,
};

function body(desk: Bench<string[]>): Body<string[]> {
  const { question, options } = desk;
  const labels = question.labels ?? [];
  const wordy = !options.compact && formOf(labels) !== 'tiles';
  const element = make('div', 'gf-options');
  element.style.setProperty('--tile', wordy ? '17rem' : '12rem');
  element.style.setProperty('--tile-narrow', wordy ? '100%' : '9rem');
  const rows = labels.slice(0, SHOWN_LABELS).map((label, index) => row(label, index));
  /** Labels that have no button of their own, and are chosen. */
  const others = make('div', 'gf-options');
  const all = make('div', 'gf');
  all.append(element, others);
  element.append(...rows);

  function row(label: Label, index: number): HTMLButtonElement {
    const one = button('gf-option');
    one.setAttribute('role', 'checkbox');
    one.style.setProperty('--hue', hueOf(label, index));
    const words = make('span', 'gf-words');
    words.append(make('span', 'gf-title', titleOf(label)));
    if (wordy && label.definition) words.append(make('span', 'gf-definition', label.definition));
    one.append(make('span', 'gf-mark'), words, make('span', 'gf-differs'));
    if (options.keys[index]) one.append(keyCap(options.keys[index]!));
    one.addEventListener('click', () => turn(index));
    one.addEventListener('focus', () => options.emit({ type: 'look', label }));
    one.addEventListener('pointerenter', () => options.emit({ type: 'look', label }));
    return one;
  }

  function turn(index: number): boolean {
    const label = labels[index];
    if (!label) return false;
    const holds = desk.value.includes(label.name);
    const next = holds ? desk.value.filter((name) => name !== label.name) : ordered([...desk.value, label.name], labels);
    desk.set(next, `${titleOf(label)} ${holds ? 'left out' : 'chosen'}`);
    return true;
  }

  function dress(one: HTMLButtonElement, name: string): void {
    const holds = desk.value.includes(name);
    one.setAttribute('aria-checked', String(holds));
    one.toggleAttribute('data-proposed', desk.suggested?.includes(name) ?? false);
    one.disabled = desk.fixed;
    const there = desk.compared?.includes(name);
    const mark = one.querySelector<HTMLElement>('.gf-differs')!;
    mark.hidden = there === undefined || there === holds;
    mark.textContent = holds ? 'only here' : 'only there';
  }

  return {
    element: all,
    draw() {
      rows.forEach((one, index) => dress(one, labels[index]!.name));
      const hidden = labels.flatMap((label, index) => (index >= SHOWN_LABELS && desk.value.includes(label.name) ? [index] : []));
      others.hidden = hidden.length === 0;
      others.replaceChildren(
        ...hidden.map((index) => {
          const one = row(labels[index]!, index);
          dress(one, labels[index]!.name);
          return one;
        }),
      );
    },
    focus: () => rows[0]?.focus(),
    pick: turn,
    key(press) {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[press.key];
      const at = rows.findIndex((one) => one === document.activeElement);
      if (step) rows[(at < 0 && step < 0 ? 0 : at) + step < 0 ? rows.length - 1 : (at + step) % rows.length]?.focus();
      return step !== undefined;
    },
  };
}

export const mount = (host: HTMLElement, options: EditorOptions): Editor => mountForm(host, options, form);
