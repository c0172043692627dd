/**
 * The spans of a text as rows that can be edited: what a canvas shows, for those who do not see or point.
 *
 * In: marks with their places in code points. Out: rows, a page of them at a time; what a person changed in one.
 * Never: more rows than fit a screen or two, or an edit that skips the editor's rules and its undo.
 */

import { say } from '../speech';
import type { Label } from '../answers';
import { titleOf } from '../labels';
import { count } from '../words';
import type { Mark } from './spans-model';

/** Rows drawn at once. */
export const ROWS = 50;

export interface Row {
  mark: Mark;
  start: number;
  end: number;
  text: string;
}

export interface TableParts {
  labels: readonly Label[];
  /** All marks in order, of which the rows of one page are asked for. */
  count(): number;
  rows(from: number, to: number): Row[];
  placeOfCurrent(): number;
  isCurrent(mark: Mark): boolean;
  pick(mark: Mark): void;
  change(mark: Mark, to: { start?: number; end?: number; label?: string }): void;
  remove(mark: Mark): void;
  readonly(): boolean;
}

export class SpanTable {
  readonly element = document.createElement('section');
  private page = 0;
  private readonly body = document.createElement('tbody');
  private readonly foot = document.createElement('p');

  constructor(private readonly parts: TableParts) {
    this.element.className = 'gs-twin';
    this.element.setAttribute('aria-label', 'Spans as a table');
    const table = document.createElement('table');
    const head = document.createElement('tr');
    for (const name of [say('Start'), say('End'), say('Text'), say('Label'), '']) {
      const cell = document.createElement(name ? 'th' : 'td');
      if (name) cell.setAttribute('scope', 'col');
      cell.textContent = name;
      head.append(cell);
    }
    const top = document.createElement('thead');
    top.append(head);
    table.append(top, this.body);
    this.foot.className = 'gs-pager';
    this.element.append(table, this.foot);
  }

  /** Draw the page with the current mark on it. */
  follow(): void {
    const place = this.parts.placeOfCurrent();
    if (place >= 0) this.page = Math.floor(place / ROWS);
    this.draw();
  }

  draw(): void {
    const held = this.held();
    const count = this.parts.count();
    this.page = Math.min(this.page, Math.max(0, Math.ceil(count / ROWS) - 1));
    const from = this.page * ROWS;
    const rows = this.parts.rows(from, Math.min(from + ROWS, count));
    this.body.replaceChildren(...rows.map((row) => this.row(row)));
    if (count === 0) this.body.append(this.empty());
    this.foot.replaceChildren(...this.pager(from, rows.length, count));
    if (held) this.body.querySelector<HTMLElement>(held)?.focus();
  }

  /** The field that has the focus, to give it back after the rows were drawn again. */
  private held(): string | null {
    const at = document.activeElement;
    const row = at?.closest<HTMLElement>('tr[data-key]');
    const name = at instanceof HTMLElement ? at.dataset.name : undefined;
    return row && name && this.body.contains(row) ? `tr[data-key="${row.dataset.key}"] [data-name="${name}"]` : null;
  }

  private empty(): HTMLElement {
    const row = document.createElement('tr');
    const cell = document.createElement('td');
    cell.colSpan = 5;
    cell.className = 'gs-none';
    cell.textContent = 'No span yet.';
    row.append(cell);
    return row;
  }

  private row({ mark, start, end, text }: Row): HTMLElement {
    const row = document.createElement('tr');
    row.dataset.key = String(mark.key);
    if (this.parts.isCurrent(mark)) row.setAttribute('aria-current', 'true');
    const fixed = this.parts.readonly() || mark.state === 'suggested';
    const words = document.createElement('button');
    words.type = 'button';
    words.dataset.name = 'text';
    words.className = 'gs-words-of';
    const inner = document.createElement('bdi');
    inner.textContent = text;
    words.append(inner);
    words.addEventListener('click', () => this.parts.pick(mark));
    const cells = [
      this.number('start', `Start of ${text}`, start, fixed, (value) => this.parts.change(mark, { start: value })),
      this.number('end', `End of ${text}`, end, fixed, (value) => this.parts.change(mark, { end: value })),
      words,
      this.choice(mark, text, fixed),
      this.bin(mark, text),
    ];
    for (const one of cells) {
      const cell = document.createElement('td');
      cell.append(one);
      row.append(cell);
    }
    return row;
  }

  private number(name: string, label: string, value: number, fixed: boolean, act: (value: number) => void): HTMLElement {
    const field = document.createElement('input');
    field.type = 'number';
    field.min = '0';
    field.value = String(value);
    field.disabled = fixed;
    field.dataset.name = name;
    field.setAttribute('aria-label', label);
    field.addEventListener('change', () => {
      if (field.value !== '' && Number.isInteger(field.valueAsNumber)) act(field.valueAsNumber);
      else field.value = String(value);
    });
    return field;
  }

  private choice(mark: Mark, text: string, fixed: boolean): HTMLElement {
    const field = document.createElement('select');
    field.disabled = fixed;
    field.dataset.name = 'label';
    field.setAttribute('aria-label', `Label of ${text}`);
    for (const label of this.parts.labels) {
      const option = document.createElement('option');
      option.value = label.name;
      option.textContent = titleOf(label);
      option.selected = label.name === mark.label;
      field.append(option);
    }
    field.addEventListener('change', () => this.parts.change(mark, { label: field.value }));
    return field;
  }

  private bin(mark: Mark, text: string): HTMLElement {
    if (this.parts.readonly()) return document.createElement('span');
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset.name = 'remove';
    button.className = 'gs-bin';
    button.textContent = '✕';
    button.setAttribute('aria-label', `${mark.state === 'suggested' ? 'Reject' : say('Remove')} ${text}`);
    button.addEventListener('click', () => this.parts.remove(mark));
    return button;
  }

  private pager(from: number, shown: number, all: number): HTMLElement[] {
    if (all <= ROWS) return [];
    const words = document.createElement('span');
    words.textContent = `${count(from + 1)}–${count(from + shown)} of ${count(all)}`;
    const turn = (text: string, step: number) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'gs-act';
      button.textContent = text;
      button.disabled = step < 0 ? this.page === 0 : from + shown >= all;
      button.addEventListener('click', () => {
        this.page += step;
        this.draw();
      });
      return button;
    };
    return [turn(say('Earlier'), -1), words, turn(say('Later'), 1)];
  }
}
