/**
 * The editor of keys and values: one field per key, each read by its kind before anything is sent.
 *
 * In: the keys, which of them are required or may have several values. Out: pairs of those that have one. Never: a value
 * changed in silence; what was understood is shown beside it.
 */

import { say } from '../speech';
import type { Answer, Key, KeyValuesAnswer, Question } from '../api';
import type { Editor, EditorOptions, KeyRow } from './contract';
import { momentOf, said } from './date';
import { type Bench, type Body, type Form, Missing, mountForm } from './form';
import { button, make, numberOf } from './form-parts';
import { plural } from '../words';
import './fields.css';

export const KEYS: readonly KeyRow[] = [
  { key: 'Enter', text: 'the next field; in the last one, send' },
  { key: 'Ctrl Enter', text: 'send, from any field' },
  { key: 'Esc', text: 'leave the field, so that single keys act again' },
];

export function wordsOf(answer: Answer): string {
  if (answer.kind === 'abstain') return 'Cannot decide';
  if (answer.kind !== 'key_values') return answer.kind;
  const shown = answer.pairs.slice(0, 6).map(({ key, value }) => `${key}: ${value === true ? 'yes' : value === false ? 'no' : value}`);
  return (shown.join(', ') || say('Nothing')) + (answer.pairs.length > 6 ? `, and ${plural(answer.pairs.length - 6, 'more', 'more')}` : '');
}

/** What is written in each field, by key. */
type Written = Readonly<Record<string, readonly string[]>>;
type Value = KeyValuesAnswer['pairs'][number]['value'];

/** The value of one field, or why it has none. */
export function valueOf(text: string, key: Pick<Key, 'kind' | 'labels'>): Value | Missing {
  switch (key.kind) {
    case 'text':
      return text;
    case 'number':
      return numberOf(text) ?? new Missing(`“${text}” is no number.`);
    case 'date': {
      const tries = (['datetime', 'date', 'time'] as const).map((form) => momentOf(text, form));
      return tries.find((one) => typeof one === 'string') ?? tries[1]!;
    }
    case 'choice':
      return key.labels?.includes(text) ? text : new Missing(`“${text}” is none of its labels.`);
    case 'flag':
      return text === 'true';
    default:
      return key.kind satisfies never;
  }
}

const titled = (key: Key) => key.title || key.name;

const form: Form<Written> = {
  empty: () => ({}),
  read(answer) {
    if (answer.kind !== 'key_values') return null;
    const written: Record<string, string[]> = {};
    for (const { key, value } of answer.pairs) (written[key] ??= []).push(String(value).replace(/^(\d{4}-\d\d-\d\d)T/, '$1 '));
    return written;
  },
  write(written, question) {
    const pairs: KeyValuesAnswer['pairs'] = [];
    for (const key of question.keys ?? []) {
      const texts = (written[key.name] ?? []).filter((text) => text.trim() !== '');
      if (key.required && texts.length === 0) return new Missing(`${titled(key)} is wanted.`);
      for (const text of texts) {
        const value = valueOf(text, key);
        if (value instanceof Missing) return new Missing(`${titled(key)}: ${value.text}`);
        pairs.push({ key: key.name, value });
      }
    }
    const seen = new Set(pairs.map((pair) => JSON.stringify([pair.key, pair.value])));
    return seen.size < pairs.length ? new Missing('One value stands twice under the same key.') : { kind: 'key_values', pairs };
  },
  words: wordsOf,
  ask: (written) => (Object.keys(written).length ? null : 'Nothing is filled in. Enter again if the item says nothing of it.'),
  typed: true,
  editable: true,
  make: (desk) => new FieldsBody(desk),
};

class FieldsBody implements Body<Written> {
  readonly element = make('div', 'gf-pairs');
  private readonly parts: { key: Key; lines: HTMLElement; heard: HTMLElement }[];

  constructor(private readonly desk: Bench<Written>) {
    this.parts = (desk.question.keys ?? []).map((key) => {
      const box = make('fieldset', 'gf-pair');
      const name = make('legend', 'gf-pair-name', titled(key));
      name.append(make('span', '', [key.required ? 'required' : '', key.kind === 'text' || key.kind === 'choice' || key.kind === 'flag' ? '' : key.kind].filter(Boolean).join(' · ')));
      const lines = make('div', 'gf');
      lines.style.gap = 'var(--s2)';
      const heard = make('p', 'gf-heard');
      box.append(name);
      if (key.help) box.append(make('span', 'gf-definition', key.help));
      box.append(lines, heard);
      this.element.append(box);
      return { key, lines, heard };
    });
    this.element.addEventListener('keydown', (event) => this.next(event));
  }

  draw(): void {
    for (const part of this.parts) {
      this.fit(part.key, part.lines);
      this.hear(part.key, part.heard);
    }
  }

  focus(): void {
    this.element.querySelector<HTMLElement>('input, select, button')?.focus();
  }

  // ---- inside --------------------------------------------------------------------------------------------------------
  private texts(key: Key): readonly string[] {
    return this.desk.value[key.name] ?? [];
  }

  private write(key: Key, place: number, text: string, run = ''): void {
    const texts = [...this.texts(key)];
    while (texts.length <= place) texts.push('');
    texts[place] = text;
    while (texts.length && texts.at(-1) === '') texts.pop();
    const { [key.name]: _, ...others } = this.desk.value;
    this.desk.set(texts.length ? { ...others, [key.name]: texts } : others, '', run && `${run} ${key.name} ${place}`);
  }

  /** As many fields as there are values, and one more where several may stand; those that stand already are kept. */
  private fit(key: Key, lines: HTMLElement): void {
    const texts = this.texts(key);
    const wanted = key.several && key.kind !== 'flag' ? texts.length + (this.desk.fixed ? 0 : 1) : 1;
    while (lines.childElementCount > Math.max(1, wanted)) lines.lastElementChild!.remove();
    while (lines.childElementCount < Math.max(1, wanted)) lines.append(this.control(key, lines.childElementCount));
    [...lines.children].forEach((one, place) => {
      const text = texts[place] ?? '';
      if (one instanceof HTMLInputElement || one instanceof HTMLSelectElement) {
        if (one.value !== text) one.value = text;
        one.disabled = this.desk.fixed && one instanceof HTMLSelectElement;
        if (one instanceof HTMLInputElement) one.readOnly = this.desk.fixed;
        one.setAttribute('aria-invalid', String(text !== '' && valueOf(text, key) instanceof Missing));
      } else
        for (const each of one.querySelectorAll('button')) {
          each.setAttribute('aria-pressed', String(each.dataset.value === text));
          each.disabled = this.desk.fixed;
        }
    });
  }

  private hear(key: Key, heard: HTMLElement): void {
    const texts = this.texts(key).filter(Boolean);
    const values = texts.map((text) => valueOf(text, key));
    const wrong = values.find((value) => value instanceof Missing);
    heard.dataset.tone = wrong ? 'missing' : 'plain';
    if (wrong instanceof Missing) heard.textContent = wrong.text;
    else if (key.kind === 'date') heard.textContent = values.map((value) => said(String(value))).join('; ');
    else if (key.kind === 'number') heard.textContent = values.some((value, nth) => String(value) !== texts[nth]!.trim()) ? `Understood as ${values.join('; ')}` : '';
    heard.hidden = !heard.textContent;
  }

  private control(key: Key, place: number): HTMLElement {
    const name = place ? `${titled(key)}, value ${place + 1}` : titled(key);
    if (key.kind === 'flag') return this.flag(key, name);
    if (key.kind === 'choice') {
      const list = make('select', 'gf-field');
      list.append(new Option('', ''), ...(key.labels ?? []).map((label) => new Option(label, label)));
      list.setAttribute('aria-label', name);
      list.addEventListener('change', () => this.write(key, place, list.value));
      return list;
    }
    const field = make('input', 'gf-field');
    field.autocomplete = 'off';
    field.dir = key.kind === 'text' ? 'auto' : 'ltr';
    if (key.kind === 'number') field.inputMode = 'text';
    field.setAttribute('aria-label', name);
    field.addEventListener('input', () => this.write(key, place, field.value, 'type'));
    return field;
  }

  private flag(key: Key, name: string): HTMLElement {
    const row = make('div', 'gf-line');
    row.setAttribute('role', 'group');
    row.setAttribute('aria-label', name);
    for (const [value, text] of [['true', 'Yes'], ['false', 'No'], ['', 'Not said']] as const) {
      const one = button('gf-small', text);
      one.dataset.value = value;
      one.addEventListener('click', () => this.write(key, 0, value));
      row.append(one);
    }
    return row;
  }

  private next(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || event.isComposing || event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    const stops = [...this.element.querySelectorAll<HTMLElement>('input, select, button:not(:disabled)')];
    const after = stops[stops.indexOf(event.target as HTMLElement) + 1];
    if (after) after.focus();
    else this.desk.submit();
  }
}

export const mount = (host: HTMLElement, options: EditorOptions): Editor => mountForm(host, options, form, 'Ctrl Enter');
