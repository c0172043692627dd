/**
 * The bar over a text: labels with their keys, what is suggested, what can be done now.
 *
 * In: the editor's state. Out: what a person pressed. Never: a state of its own.
 */

import { say, told } from '../speech';
import type { Label } from '../answers';
import type { Suggestion } from '../api';
import { hueOf, percent, titleOf } from '../labels';
import { count } from '../words';
import type { EditorOptions } from './contract';
import { keyCap, make } from './elements';

/** More labels than this are found by name (the page's `/`). */
export const SHOWN_LABELS = 20;

export interface BarActs {
  label(index: number): void;
  relation(index: number): void;
  snap(): void;
  like(): void;
  join(): void;
  remove(): void;
  table(): void;
  accept(): void;
  reject(): void;
  done(): void;
  look(label: Label | null): void;
}

export interface BarState {
  /** The label of the current span, or the pen. */
  chosen: number | null;
  pen: number | null;
  joining: { head: number; tail: number | null } | null;
  snapping: boolean;
  twin: boolean;
  fixed: boolean;
  given: number;
  links: number;
  open: number;
  suggestion: Suggestion | null;
  /** Where the current span or the selection stands, in code points. */
  at: string;
  current: boolean;
}

export class Bar {
  readonly element = make('div', 'gs-bar');
  private readonly chips = make('div', 'gs-chips');
  private readonly relations = make('div', 'gs-chips');
  private readonly proposal = make('p', 'gs-proposed');
  private readonly status = make('span', 'gs-where');
  private readonly buttons: Record<'snap' | 'like' | 'join' | 'remove' | 'table' | 'done', HTMLButtonElement>;
  private readonly labelled: HTMLButtonElement[];
  private readonly proposalWords = make('span', 'gs-proposed-words');

  constructor(options: EditorOptions, acts: BarActs) {
    const { question, keys } = options;
    const labels = question.labels ?? [];
    const kinds = question.relations ?? [];
    this.labelled = labels.slice(0, SHOWN_LABELS).map((label, index) => {
      const chip = this.chip(titleOf(label), hueOf(label, index), keys[index] ?? '', () => acts.label(index));
      for (const event of ['pointerenter', 'focus']) chip.addEventListener(event, () => acts.look(label));
      for (const event of ['pointerleave', 'blur']) chip.addEventListener(event, () => acts.look(null));
      return chip;
    });
    this.chips.setAttribute('role', 'group');
    this.chips.setAttribute('aria-label', 'Labels');
    this.chips.append(...this.labelled);
    if (labels.length > SHOWN_LABELS) this.chips.append(make('span', 'gs-more', `${labels.length - SHOWN_LABELS} more: press /`));
    this.relations.setAttribute('role', 'group');
    this.relations.setAttribute('aria-label', 'Relations');
    kinds.forEach((kind, index) => {
      const key = kind.hotkey || (index < 9 ? String(index + 1) : '');
      const chip = this.chip(titleOf(kind), hueOf(kind, index), key, () => acts.relation(index));
      if (kind.directed !== false) chip.dataset.directed = '';
      this.relations.append(chip);
    });
    this.buttons = {
      snap: this.act('Snap to words', 'W', acts.snap),
      like: this.act('All like this', 'A', acts.like),
      join: this.act(say('Join'), 'R', acts.join),
      remove: this.act(say('Remove'), 'Del', acts.remove),
      table: this.act(say('Table'), 'T', acts.table),
      done: this.act(say('Done'), 'Enter', acts.done),
    };
    this.buttons.done.classList.add('gs-done');
    this.buttons.join.hidden = kinds.length === 0;
    const { snap, like, join, remove, table, done } = this.buttons;
    const row = make('div', 'gs-acts');
    const reject = this.act('Put one aside', 'X', acts.reject);
    const accept = this.act('Accept all', '', acts.accept);
    this.proposal.append(this.proposalWords, accept, reject);
    row.append(snap, like, join, remove, table, this.status);
    const top = make('div', 'gs-top');
    top.append(this.chips, this.relations, done);
    this.element.append(top, this.proposal, row);
    // A press on the bar must not take the selection or the focus out of the text.
    this.element.addEventListener('mousedown', (event) => event.preventDefault());
  }

  told(text: string): void {
    this.status.title = text;
  }

  show(state: BarState): void {
    const picking = state.joining?.tail != null;
    this.chips.hidden = picking;
    this.relations.hidden = !picking;
    this.labelled.forEach((chip, index) => {
      chip.setAttribute('aria-pressed', String(state.chosen === index));
      chip.toggleAttribute('data-pen', state.pen === index);
      chip.disabled = state.fixed;
    });
    const { snap, like, join, remove, table, done } = this.buttons;
    snap.setAttribute('aria-pressed', String(state.snapping));
    table.setAttribute('aria-pressed', String(state.twin));
    join.setAttribute('aria-pressed', String(state.joining !== null));
    like.disabled = join.disabled = remove.disabled = !state.current;
    for (const button of [snap, like, remove, done]) button.hidden = state.fixed;
    const counts = [`${count(state.given)} marked`];
    if (state.links) counts.push(`${count(state.links)} joined`);
    if (state.at) counts.unshift(state.at);
    if (state.joining) counts.unshift(picking ? 'Which relation?' : 'Joining: choose the other span');
    this.status.textContent = counts.join(' · ');
    this.proposal.hidden = state.open === 0;
    if (state.open) {
      const { confidence, source } = state.suggestion ?? {};
      const sure = confidence === undefined ? '' : ` · ${percent(confidence)} sure`;
      this.proposalWords.textContent = `${count(state.open)} suggested${sure}${source ? ` · ${told(source)}` : ''}`;
    }
  }

  private chip(title: string, hue: string, key: string, act: () => void): HTMLButtonElement {
    const chip = make('button', 'gs-chip');
    chip.type = 'button';
    chip.setAttribute('aria-pressed', 'false');
    chip.style.setProperty('--hue', hue);
    const swatch = make('span', 'gs-swatch');
    swatch.setAttribute('aria-hidden', 'true');
    chip.append(swatch, make('span', 'gs-chip-title', title));
    if (key) {
      chip.append(keyCap(key.toUpperCase()));
      chip.setAttribute('aria-keyshortcuts', key.replace('⇧', 'Shift+'));
    }
    chip.addEventListener('click', act);
    return chip;
  }

  private act(title: string, key: string, act: () => void): HTMLButtonElement {
    const button = make('button', 'gs-act', title);
    button.type = 'button';
    if (key) button.append(keyCap(key));
    button.addEventListener('click', act);
    return button;
  }
}
