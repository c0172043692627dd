/**
 * The editor of a text that is written: a field that grows, its characters counted as the server counts them.
 *
 * In: how long it may be, how many lines. Out: the text, to the code point. Never: a text trimmed or mended.
 */

import type { Answer } from '../api';
import { count as written, plural } from '../words';
import type { Editor, EditorOptions, KeyRow } from './contract';
import { type Bench, type Body, type Form, Missing, mountForm } from './form';
import { codePoints, make } from './form-parts';

export const KEYS: readonly KeyRow[] = [
  { key: 'Ctrl Enter', text: 'send what is written; Enter alone, where one line is asked for' },
  { key: 'Esc', text: 'leave the field, so that single keys act again' },
  { key: 'Enter', text: 'back into the field' },
];

export function wordsOf(answer: Answer): string {
  if (answer.kind === 'abstain') return 'Cannot decide';
  if (answer.kind !== 'text') return answer.kind;
  return answer.text;
}

export interface Piece {
  text: string;
  is: 'same' | 'gone' | 'new';
}

const WORD = /\s+|[^\s]+/g;

/** The words that two texts share, and those that only one has; long texts are compared between their common ends. */
export function piecesOf(before: string, after: string): Piece[] {
  const a: string[] = before.match(WORD) ?? [];
  const b: string[] = after.match(WORD) ?? [];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const [x, y] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const found: Piece[] = [{ text: a.slice(0, head).join(''), is: 'same' }];
  if (x.length * y.length > 4_000_000) found.push({ text: x.join(''), is: 'gone' }, { text: y.join(''), is: 'new' });
  else found.push(...between(x, y));
  found.push({ text: a.slice(a.length - tail).join(''), is: 'same' });
  const joined: Piece[] = [];
  for (const piece of found) {
    if (!piece.text) continue;
    const last = joined.at(-1);
    if (last?.is === piece.is) last.text += piece.text;
    else joined.push({ ...piece });
  }
  return joined;
}

/** The longest common words of two lists. */
function between(x: readonly string[], y: readonly string[]): Piece[] {
  const width = y.length + 1;
  const longest = new Uint32Array((x.length + 1) * width);
  for (let i = x.length - 1; i >= 0; i -= 1)
    for (let j = y.length - 1; j >= 0; j -= 1)
      longest[i * width + j] =
        x[i] === y[j] ? longest[(i + 1) * width + j + 1]! + 1 : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
  const found: Piece[] = [];
  let [i, j] = [0, 0];
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) {
      found.push({ text: x[i]!, is: 'same' });
      [i, j] = [i + 1, j + 1];
    } else if (j >= y.length || (i < x.length && longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!)) {
      found.push({ text: x[i]!, is: 'gone' });
      i += 1;
    } else {
      found.push({ text: y[j]!, is: 'new' });
      j += 1;
    }
  }
  return found;
}

export function drawPieces(pieces: readonly Piece[]): Node {
  const all = document.createDocumentFragment();
  for (const { text, is } of pieces) all.append(is === 'same' ? text : make(is === 'gone' ? 'del' : 'ins', '', text));
  return all;
}

const form: Form<string> = {
  empty: () => '',
  read: (answer) => (answer.kind === 'text' ? answer.text : null),
  write(text, question) {
    const most = question.max_length ?? 100_000;
    const length = codePoints(text);
    if (!text.trim()) return new Missing('Write something first.');
    if (length > most) return new Missing(`${plural(length - most, 'character')} too many.`);
    return { kind: 'text', text };
  },
  words: wordsOf,
  diff: (compared, value) => drawPieces(piecesOf(compared, value)),
  typed: true,
  editable: true,
  make: body,
};

function body(desk: Bench<string>): Body<string> {
  const { question } = desk;
  const lines = question.lines ?? 3;
  const field = make('textarea', 'gf-field');
  field.rows = lines;
  field.dir = 'auto';
  field.setAttribute('aria-label', question.prompt || question.name);
  const count = make('p', 'gf-heard');
  const element = make('div', 'gf');
  element.append(field, count);
  let grown = '';

  function grow(): void {
    if (lines === 1 || grown === field.value) return;
    grown = field.value;
    field.style.height = 'auto';
    if (field.scrollHeight > field.clientHeight) field.style.height = `${field.scrollHeight + 2}px`;
  }

  field.addEventListener('input', () => {
    // One line is one line, also when two are pasted.
    const text = lines === 1 ? field.value.replace(/[\r\n]+/g, ' ') : field.value;
    desk.set(text, '', `type ${text.length >> 5}`);
  });
  field.addEventListener('keydown', (event) => {
    if (lines !== 1 || event.key !== 'Enter' || event.ctrlKey || event.metaKey || event.isComposing) return;
    event.preventDefault();
    desk.submit();
  });
  return {
    element,
    draw() {
      if (field.value !== desk.value) field.value = desk.value;
      field.readOnly = desk.fixed;
      const length = codePoints(desk.value);
      const most = question.max_length ?? 100_000;
      field.setAttribute('aria-invalid', String(length > most));
      const near = length > most * 0.8 || most <= 1_000;
      count.textContent = near ? `${written(length)} of ${plural(most, 'character')}` : plural(length, 'character');
      grow();
    },
    focus: () => field.focus(),
    key(press) {
      if (press.key !== 'Enter' || desk.suggested !== null || press.target === field) return false;
      field.focus();
      return true;
    },
  };
}

export const mount = (host: HTMLElement, options: EditorOptions): Editor => mountForm(host, options, form, 'Ctrl Enter');
