/**
 * Small parts that editors of forms are made of.
 *
 * In: tags, words, keys. Out: elements, a digit. Never: a state.
 */

import type { Candidates, Turn } from '../answers';
import type { Shown } from './contract';
import { make } from './elements';

export interface FormKey {
  key: string;
  code: string;
  shift: boolean;
  target: EventTarget | null;
}

/** A button that is no submit button. */
export function button(className: string, text = ''): HTMLButtonElement {
  const element = make('button', className);
  element.type = 'button';
  if (text) element.append(make('span', '', text));
  return element;
}

/** The digit of a key, by its place on the keyboard, so that Shift changes nothing. */
export function digitOf({ code }: Pick<FormKey, 'code'>): number | null {
  const found = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  return found === undefined ? null : Number(found);
}

export { letterOf } from '../letters';
export { keyCap, make } from './elements';

/** Code points, as the server counts them. */
export const codePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

/** The number that a person wrote; null when it is none, or could be two: 1,234 is a thousand to some. */
export function numberOf(text: string): number | null {
  const plain = text.trim().replace(/[\u2212\u2013]/, '-').replace(/[\s\u00a0\u202f_'](?=\d{3}\b)/g, '');
  if (/^[+-]?[1-9]\d{0,2},\d{3}$/.test(plain)) return null;
  const pointed = /^[+-]?\d*,\d+$/.test(plain) ? plain.replace(',', '.') : plain;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(pointed)) return null;
  const value = Number(pointed);
  return Number.isFinite(value) ? value : null;
}

const read = new WeakMap<object, unknown>();

/** The content of an item that is JSON; read once. */
function contentOf(shown: Shown): unknown {
  const item = shown.task?.item;
  if (!item?.text || (item.modality !== 'chat' && item.modality !== 'candidates')) return null;
  if (!read.has(item)) read.set(item, JSON.parse(item.text));
  return read.get(item);
}

const NONE: readonly never[] = [];

/** The candidates of the item on screen. */
export function candidatesOf(shown: Shown): readonly string[] {
  const found = contentOf(shown) as Candidates | null;
  return shown.task?.item.modality === 'candidates' ? (found?.candidates ?? NONE) : NONE;
}

/** The turns of the item on screen. */
export function turnsOf(shown: Shown): readonly Turn[] {
  return shown.task?.item.modality === 'chat' ? (contentOf(shown) as Turn[]) : NONE;
}

/** The beginning of a text, on one line, without the marks of Markdown. */
export function excerpt(text: string, most: number): string {
  const plain = text.replace(/[*_`#~]{1,3}/g, '').replace(/\s+/g, ' ').trim();
  const points = [...plain.slice(0, most * 2 + 2)];
  return points.length <= most ? plain : `${points.slice(0, most - 1).join('').trimEnd()}…`;
}
