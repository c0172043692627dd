/**
 * The shapes of an image as rows that can be edited: what a canvas shows, for those who do not see or point.
 *
 * In: shapes in reading order. Out: rows, a page of them at a time; what a person typed. Never: more rows than fit a screen or
 * two, or an edit that skips the editor's rules and its undo.
 */

import { say } from '../speech';
import type { Label } from '../answers';
import { percent, titleOf } from '../labels';
import { count } from '../words';
import { make } from './elements';
import { fieldsOf } from './shape-edits';
import type { Shape } from './shape-stack';

/** Rows drawn at once. */
export const ROWS = 50;

export interface TableParts {
  noun: string;
  labels: readonly Label[];
  count(): number;
  rows(from: number, to: number): Shape[];
  placeOf(key: number): number;
  current(): number | null;
  pick(shape: Shape): void;
  change(shape: Shape, field: string, typed: string): boolean;
  relabel(shape: Shape, label: string): void;
  remove(shape: Shape): void;
  readonly(): boolean;
}

export class ImageTable {
  readonly element = make('section', 'gs-shape-table');
  private page = 0;
  private readonly head = make('tr');
  private readonly body = make('tbody');
  private readonly foot = make('p', 'gs-shape-pager');

  constructor(private readonly parts: TableParts) {
    this.element.setAttribute('aria-label', 'Shapes as a table');
    this.element.tabIndex = 0;
    const table = make('table');
    const top = make('thead');
    top.append(this.head);
    table.append(top, this.body);
    this.element.append(table, this.foot);
  }

  /** Draw the page with the current shape on it. */
  follow(): void {
    const key = this.parts.current();
    if (key !== null) this.page = Math.floor(this.parts.placeOf(key) / ROWS);
    const at = document.activeElement;
    const row = at?.closest<HTMLElement>('tr[data-key]');
    const name = at instanceof HTMLElement ? at.dataset.name : undefined;
    const held = row && name && this.body.contains(row) ? `tr[data-key="${row.dataset.key}"] [data-name="${name}"]` : null;
    this.draw();
    if (held) this.body.querySelector<HTMLElement>(held)?.focus();
  }

  draw(): void {
    const count = this.parts.count();
    this.page = Math.max(0, Math.min(this.page, Math.ceil(count / ROWS) - 1));
    const from = this.page * ROWS;
    const shapes = this.parts.rows(from, from + ROWS);
    const names = shapes[0] ? fieldsOf(shapes[0].form).map(({ name }) => name) : [];
    this.head.replaceChildren(
      ...['#', ...names, 'label', ''].map((name) => {
        const cell = make(name ? 'th' : 'td', '', name);
        if (name) cell.setAttribute('scope', 'col');
        return cell;
      }),
    );
    this.body.replaceChildren(...shapes.map((shape, nth) => this.row(shape, from + nth + 1)));
    if (count === 0) {
      const row = make('tr');
      row.append(make('td', 'gs-shape-none', `No ${this.parts.noun} yet.`));
      this.body.append(row);
    }
    this.foot.replaceChildren(...this.pager(from, shapes.length, count));
  }

  private row(shape: Shape, number: number): HTMLElement {
    const row = make('tr');
    row.dataset.key = String(shape.key);
    if (shape.key === this.parts.current()) row.setAttribute('aria-current', 'true');
    const fixed = this.parts.readonly() || shape.state !== 'given';
    const what = `${this.parts.noun} ${number}`;
    const pick = make('button', 'gs-shape-pick', String(number));
    pick.type = 'button';
    pick.dataset.name = 'pick';
    pick.setAttribute('aria-label', `Choose ${what}`);
    pick.addEventListener('click', () => this.parts.pick(shape));
    const fields = fieldsOf(shape.form).map((field) => {
      const input = make('input');
      input.type = typeof field.value === 'number' ? 'number' : 'text';
      input.step = 'any';
      input.value = String(field.value);
      input.disabled = fixed || Boolean(field.fixed);
      input.dataset.name = field.name;
      input.setAttribute('aria-label', `${field.name} of ${what}`);
      input.addEventListener('change', () => {
        if (!this.parts.change(shape, field.name, input.value)) input.value = String(field.value);
      });
      return input;
    });
    for (const one of [pick, ...fields, this.label(shape, what, fixed), this.bin(shape, what)]) {
      const cell = make('td');
      cell.append(one);
      row.append(cell);
    }
    return row;
  }

  private label(shape: Shape, what: string, fixed: boolean): HTMLElement {
    const title = titleOf(this.parts.labels.find((label) => label.name === shape.label) ?? { name: shape.label });
    if (shape.state === 'other') return make('span', 'gs-shape-state', `${title} · only there`);
    if (shape.state === 'suggested') return make('span', 'gs-shape-state', `${title} · suggested${shape.confidence === undefined ? '' : ` ${percent(shape.confidence)}`}`);
    const field = make('select');
    field.disabled = fixed;
    field.dataset.name = 'label';
    field.setAttribute('aria-label', `Label of ${what}`);
    for (const label of this.parts.labels) {
      const option = make('option', '', titleOf(label));
      option.value = label.name;
      option.selected = label.name === shape.label;
      field.append(option);
    }
    field.addEventListener('change', () => this.parts.relabel(shape, field.value));
    return field;
  }

  private bin(shape: Shape, what: string): HTMLElement {
    if (this.parts.readonly()) return make('span');
    const button = make('button', 'gs-shape-pick', '✕');
    button.type = 'button';
    button.dataset.name = 'remove';
    button.setAttribute('aria-label', `${shape.state === 'suggested' ? 'Reject' : say('Remove')} ${what}`);
    button.addEventListener('click', () => this.parts.remove(shape));
    return button;
  }

  private pager(from: number, shown: number, all: number): HTMLElement[] {
    if (all <= ROWS) return [];
    const turn = (text: string, step: number, off: boolean) => {
      const button = make('button', 'gs-image-act', text);
      button.type = 'button';
      button.disabled = off;
      button.addEventListener('click', () => {
        this.page += step;
        this.draw();
      });
      return button;
    };
    const words = make('span', '', `${count(from + 1)}–${count(from + shown)} of ${count(all)}`);
    return [turn(say('Earlier'), -1, from === 0), words, turn(say('Later'), 1, from + shown >= all)];
  }
}
