/**
 * The editor of a rubric: each turn (or the whole item) graded by each criterion, one cell after another.
 *
 * In: criteria, the turns of the item. Out: a grade for every cell that wants one. Never: a grade for a turn that is not asked.
 */

import type { Answer, Criterion, Grade, Question } from '../api';
import type { Editor, EditorOptions, KeyRow, Shown } from './contract';
import { type Bench, type Body, type Form, Missing, mountForm } from './form';
import { button, digitOf, excerpt, type FormKey, make, turnsOf } from './form-parts';
import { plural } from '../words';
import './rubric.css';

export const KEYS: readonly KeyRow[] = [
  { key: '0-9', text: 'grade the marked row, and go to the next' },
  { key: '↑ ↓', text: 'the row before, the row after' },
  { key: '← →', text: 'one step less, one step more' },
  { key: 'Enter', text: 'send all grades' },
];

export function wordsOf(answer: Answer): string {
  if (answer.kind === 'abstain') return 'Cannot decide';
  return answer.kind === 'rubric' ? plural(answer.grades.length, 'grade') : answer.kind;
}

export interface Cell {
  turn: number | null;
  criterion: Criterion;
}

/** Every grade that the question asks of an item. */
export function cellsOf({ criteria = [], turns = 'whole' }: Pick<Question, 'criteria' | 'turns'>, shown: Shown): Cell[] {
  if (turns === 'whole') return criteria.map((criterion) => ({ turn: null, criterion }));
  const asked = turnsOf(shown).flatMap(({ role }, nth) => (turns === 'each' || role === 'assistant' ? [nth] : []));
  return asked.flatMap((turn) => criteria.map((criterion) => ({ turn, criterion })));
}

type Grades = readonly Grade[];

const found = (grades: Grades, { turn, criterion }: Cell) =>
  grades.find((one) => one.turn === turn && one.criterion === criterion.name)?.value ?? null;

const form: Form<Grades> = {
  empty: () => [],
  read: (answer) => (answer.kind === 'rubric' ? answer.grades : null),
  write(grades, question, shown) {
    const cells = cellsOf(question, shown);
    const left = cells.filter((cell) => cell.criterion.required !== false && found(grades, cell) === null).length;
    if (left) return new Missing(left === cells.length ? `Grade ${plural(left, 'row')}.` : `${plural(left, 'row')} to grade.`);
    return { kind: 'rubric', grades: [...grades] };
  },
  draft: (grades) => ({ kind: 'rubric', grades: [...grades] }),
  words: wordsOf,
  make: (desk) => new RubricBody(desk),
};

class RubricBody implements Body<Grades> {
  readonly element = make('div', 'gf-turns');
  private cells: Cell[] = [];
  private rows: { cell: Cell; row: HTMLElement; steps: HTMLButtonElement[]; differs: HTMLElement }[] = [];
  private at = 0;
  private drawn: unknown = null;

  constructor(private readonly desk: Bench<Grades>) {}

  reset(): void {
    this.cells = cellsOf(this.desk.question, this.desk.shown);
    this.at = 0;
  }

  draw(): void {
    if (this.drawn !== this.cells) this.build();
    this.rows.forEach(({ cell, row, steps, differs }, nth) => {
      const value = found(this.desk.value, cell);
      const proposed = this.desk.suggested && found(this.desk.suggested, cell);
      const there = this.desk.compared && found(this.desk.compared, cell);
      row.toggleAttribute('data-current', nth === this.at && !this.desk.fixed);
      differs.textContent = this.desk.compared && there !== value ? `there: ${there ?? 'none'}` : '';
      differs.hidden = !differs.textContent;
      steps.forEach((one, place) => {
        const step = cell.criterion.minimum + place;
        one.setAttribute('aria-checked', String(step === value));
        one.tabIndex = step === value || (value === null && place === 0) ? 0 : -1;
        one.toggleAttribute('data-proposed', step === proposed);
        one.disabled = this.desk.fixed;
      });
    });
  }

  focus(): void {
    const row = this.rows[this.at];
    (row?.steps.find((one) => one.tabIndex === 0) ?? row?.steps[0])?.focus();
  }

  key(press: FormKey): boolean {
    const cell = this.cells[this.at];
    if (!cell) return false;
    const walk = { ArrowUp: -1, ArrowDown: 1 }[press.key];
    if (walk) return this.go(this.at + walk);
    const { minimum, maximum } = cell.criterion;
    const nudge = { ArrowLeft: -1, ArrowRight: 1 }[press.key];
    if (nudge) {
      const from = found(this.desk.value, cell) ?? (nudge > 0 ? minimum - 1 : maximum + 1);
      return this.grade(cell, Math.min(maximum, Math.max(minimum, from + nudge)), 'stay');
    }
    const digit = digitOf(press);
    if (digit === null) return false;
    const value = press.shift ? digit + 10 : digit;
    if (value < minimum || value > maximum) {
      this.desk.say(`${titled(cell.criterion)} goes from ${minimum} to ${maximum}.`);
      return true;
    }
    return this.grade(cell, value, 'go on');
  }

  // ---- inside --------------------------------------------------------------------------------------------------------
  private go(place: number): boolean {
    this.at = Math.max(0, Math.min(this.cells.length - 1, place));
    const held = document.activeElement?.closest('.gf-grade') != null;
    this.draw();
    if (held) this.focus();
    this.rows[this.at]?.row.scrollIntoView({ block: 'nearest' });
    const { turn, criterion } = this.cells[this.at]!;
    this.desk.say(turn === null ? titled(criterion) : `Turn ${turn + 1}: ${titled(criterion)}`);
    return true;
  }

  private grade(cell: Cell, value: number, then: 'stay' | 'go on'): boolean {
    if (this.desk.fixed) return false;
    const others = this.desk.value.filter((one) => one.turn !== cell.turn || one.criterion !== cell.criterion.name);
    const grades = [...others, { turn: cell.turn, criterion: cell.criterion.name, value }];
    this.desk.set(grades, `${titled(cell.criterion)}: ${value}`);
    this.at = this.cells.indexOf(cell);
    if (then === 'stay') return this.go(this.at);
    const next = this.cells.findIndex((one, nth) => nth > this.at && found(grades, one) === null);
    return this.go(next < 0 ? this.at : next);
  }

  private build(): void {
    this.drawn = this.cells;
    this.rows = [];
    const turns = turnsOf(this.desk.shown);
    const parts: HTMLElement[] = [];
    this.cells.forEach((cell, nth) => {
      if (cell.turn !== null && cell.turn !== this.cells[nth - 1]?.turn) {
        const head = make('h2', 'gf-turn-head');
        const said = turns[cell.turn];
        head.append(make('strong', '', `Turn ${cell.turn + 1}, ${said?.role ?? ''}`), make('span', '', excerpt(said?.text ?? '', 90)));
        parts.push(head);
      }
      parts.push(this.build1(cell, nth));
    });
    if (parts.length === 0) parts.push(make('p', 'muted', 'This item has no turn that is graded. Skip it with a reason.'));
    this.element.replaceChildren(...parts);
  }

  private build1(cell: Cell, nth: number): HTMLElement {
    const { criterion } = cell;
    const row = make('div', 'gf-grade');
    const name = make('span', 'gf-words');
    name.append(make('span', 'gf-title', titled(criterion)));
    const ends = [criterion.low_title && `${criterion.minimum}: ${criterion.low_title}`, criterion.high_title && `${criterion.maximum}: ${criterion.high_title}`];
    const told = [criterion.help, ...ends, criterion.required === false ? 'may be left out' : ''].filter(Boolean).join(' · ');
    if (told) name.append(make('span', 'gf-definition', told));
    const differs = make('span', 'gf-differs');
    name.append(differs);
    const scale = make('div', 'gf-scale');
    scale.setAttribute('role', 'radiogroup');
    scale.setAttribute('aria-label', cell.turn === null ? titled(criterion) : `${titled(criterion)}, turn ${cell.turn + 1}`);
    const steps = Array.from({ length: criterion.maximum - criterion.minimum + 1 }, (_, place) => {
      const one = button('gf-option');
      one.setAttribute('role', 'radio');
      one.append(make('span', 'gf-title', String(criterion.minimum + place)));
      one.addEventListener('click', () => this.grade(cell, criterion.minimum + place, 'go on'));
      return one;
    });
    if (steps.length > 11) scale.style.cssText = 'grid-auto-flow:row;grid-template-columns:repeat(auto-fill,minmax(44px,1fr))';
    scale.append(...steps);
    row.append(name, scale);
    row.addEventListener('focusin', () => {
      if (this.at === nth) return;
      this.at = nth;
      this.rows.forEach((one, place) => one.row.toggleAttribute('data-current', place === nth));
    });
    this.rows.push({ cell, row, steps, differs });
    return row;
  }
}

const titled = ({ title, name }: Criterion) => title || name;

export const mount = (host: HTMLElement, options: EditorOptions): Editor => mountForm(host, options, form);
