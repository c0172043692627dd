/**
 * The editor of a tree of labels: found by typing a few letters, or walked by arrows; what was used lately comes first.
 *
 * In: labels whose names are paths. Out: the paths chosen. Never: a row drawn that nobody sees, or a label together with one
 * above it.
 */

import type { Answer, Question } from '../api';
import { titleOf } from '../labels';
import { recall, remember } from '../taste';
import { count } from '../words';
import { wanting } from './choices';
import type { Editor, EditorOptions, KeyRow } from './contract';
import { type Bench, type Body, type Form, Missing, mountForm } from './form';
import { button, digitOf, type FormKey, keyCap, make } from './form-parts';
import { choose, find, type Node, rowsOf, treeOf } from './taxonomy-tree';
import './taxonomy.css';

export const KEYS: readonly KeyRow[] = [
  { key: '/', text: 'find a label by a few letters of it; Enter takes it' },
  { key: '↑ ↓', text: 'the row before, the row after' },
  { key: '→ ←', text: 'unfold, fold or go up' },
  { key: 'Space', text: 'choose the row' },
  { key: '1-9', text: 'a label used lately' },
];

const ROW = 44;
const RECENT = 9;

export function wordsOf(answer: Answer, question: Pick<Question, 'labels'>): string {
  if (answer.kind === 'abstain') return 'Cannot decide';
  if (answer.kind !== 'taxonomy') return answer.kind;
  return answer.labels.map((path) => titled(path, question)).join(', ') || 'None of them';
}

/** The steps of a path by their titles. */
function titled(path: string, { labels = [] }: Pick<Question, 'labels'>): string {
  const own = labels.find((label) => label.name === path);
  const steps = path.split('/');
  return [...steps.slice(0, -1), own?.title ? titleOf(own) : steps.at(-1)!].join(' › ');
}

const bounds = ({ at_least, at_most }: Question) => ({ at_least: at_least ?? 1, at_most: at_most === undefined ? 1 : at_most });

const form: Form<string[]> = {
  empty: () => [],
  read: (answer) => (answer.kind === 'taxonomy' ? [...answer.labels].sort() : null),
  write(paths, question) {
    const missing = wanting(paths.length, bounds(question));
    return missing ? new Missing(missing) : { kind: 'taxonomy', labels: paths };
  },
  words: wordsOf,
  fromLabel: (label) => ({ kind: 'taxonomy', labels: [label] }),
  ask: (paths) => (paths.length ? null : 'Nothing is chosen. Enter again if none of them fits.'),
  make: (desk) => new TreeBody(desk),
};

class TreeBody implements Body<string[]> {
  readonly element = make('div', 'gf');
  private readonly tree;
  private readonly one: boolean;
  private readonly store: string;
  private readonly search = make('input', 'gf-field');
  private readonly lately = make('div', 'gf-recent');
  private readonly scene = make('div', 'gf-tree');
  private readonly room = make('div', 'gf-tree-room');
  private readonly unfolded = new Set<string>();
  private rows: Node[] = [];
  private at = 0;
  private recent: string[] = [];
  private readonly id = `gf-${Math.random().toString(36).slice(2, 8)}`;

  constructor(private readonly desk: Bench<string[]>) {
    const { question } = desk;
    this.tree = treeOf(question.labels ?? [], question.leaf_only ?? false);
    this.one = bounds(question).at_most === 1;
    this.store = `recent.${question.name}.${question.labels?.[0]?.name ?? ''}`;
    this.search.type = 'text';
    this.search.placeholder = `Find among ${count(question.labels?.length ?? 0)} labels`;
    this.search.autocomplete = 'off';
    this.lately.setAttribute('role', 'group');
    this.lately.setAttribute('aria-label', 'Used lately');
    for (const [name, value] of Object.entries({
      role: 'combobox', 'aria-label': `Find a label: ${question.prompt || question.name}`, 'aria-expanded': 'true',
      'aria-controls': this.id, 'aria-autocomplete': 'list', 'aria-haspopup': 'tree',
    })) this.search.setAttribute(name, value);
    this.scene.id = this.id;
    this.scene.tabIndex = 0;
    this.scene.setAttribute('role', 'tree');
    this.scene.setAttribute('aria-label', 'Labels');
    if (!this.one) this.scene.setAttribute('aria-multiselectable', 'true');
    this.room.setAttribute('role', 'none');
    this.scene.append(this.room);
    this.element.append(this.search, this.lately, this.scene);
    this.listen();
    this.reset();
  }

  reset(): void {
    this.recent = recall(this.store, '').split('\n').filter((path) => this.tree.all.get(path)?.open).slice(0, RECENT);
    this.search.value = '';
    this.list();
    this.at = 0;
    for (const path of [...this.desk.value, ...(this.desk.suggested ?? [])]) this.reveal(path);
  }

  draw(): void {
    this.search.hidden = this.lately.hidden = this.desk.fixed;
    this.drawLately();
    this.list();
    this.paint();
  }

  focus(): void {
    this.search.focus();
  }

  pick(index: number): boolean {
    const label = this.desk.question.labels?.[index];
    const node = label && this.tree.all.get(label.name);
    return node ? this.take(node) : false;
  }

  key(press: FormKey): boolean {
    if (press.key === '/') {
      this.search.focus();
      this.search.select();
      return true;
    }
    const digit = digitOf(press);
    if (digit !== null && !press.shift) {
      const node = this.tree.all.get(this.recent[digit - 1] ?? '');
      return node ? this.take(node) : true;
    }
    const inTree = press.target === this.scene || !(press.target instanceof HTMLElement && press.target.closest('button'));
    if (!inTree) return false;
    if (press.key === ' ') return this.takeRow();
    // Enter on a row that the arrows led to takes it, where one is wanted; a suggestion that nobody left comes first.
    if (press.key === 'Enter' && this.one && this.walked && this.desk.value.length === 0) return this.takeRow();
    return this.walk(press.key);
  }

  // ---- inside --------------------------------------------------------------------------------------------------------
  private walked = false;

  private listen(): void {
    this.search.addEventListener('input', () => {
      this.at = 0;
      this.list();
      this.paint();
      const { length } = this.rows;
      if (this.search.value.trim()) this.desk.say(length ? `${length} found; first: ${this.rows[0]!.title}` : 'No label like that');
    });
    this.search.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (event.key === 'Enter') {
        if (this.search.value.trim()) this.takeRow();
        else if (!(this.one && this.walked && this.takeRow())) this.desk.submit();
      } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') this.walk(event.key);
      else return;
      event.preventDefault();
    });
    this.scene.addEventListener('scroll', () => this.paint());
    this.room.addEventListener('click', (event) => {
      const row = event.target instanceof Element ? event.target.closest<HTMLElement>('.gf-row') : null;
      const place = Number(row?.dataset.place ?? -1);
      const node = this.rows[place];
      if (!node || this.desk.fixed) return;
      this.at = place;
      if (node.children.length && (!node.open || (event.target as Element).closest('.gf-turn'))) this.fold(node);
      else this.take(node);
    });
  }

  private get searching(): boolean {
    return this.search.value.trim() !== '';
  }

  private list(): void {
    this.rows = this.searching ? find(this.tree, this.search.value, this.recent) : rowsOf(this.tree, this.unfolded);
    this.at = Math.min(this.at, Math.max(0, this.rows.length - 1));
  }

  private reveal(path: string): void {
    for (let node = this.tree.all.get(path)?.parent; node; node = node.parent) this.unfolded.add(node.path);
    this.list();
    this.at = Math.max(0, this.rows.findIndex((node) => node.path === path));
  }

  private fold(node: Node): void {
    if (!this.unfolded.delete(node.path)) this.unfolded.add(node.path);
    this.list();
    this.paint();
  }

  private walk(key: string): boolean {
    const node = this.rows[this.at];
    if (!node) return false;
    this.walked = true;
    if (key === 'ArrowDown') this.at = Math.min(this.at + 1, this.rows.length - 1);
    else if (key === 'ArrowUp') this.at = Math.max(this.at - 1, 0);
    else if (key === 'ArrowRight' && node.children.length && !this.searching) {
      if (this.unfolded.has(node.path)) this.at += 1;
      else this.fold(node);
    } else if (key === 'ArrowLeft' && !this.searching) {
      if (this.unfolded.has(node.path)) this.fold(node);
      else if (node.parent) this.at = this.rows.indexOf(node.parent);
    } else return false;
    const top = this.at * ROW;
    if (top < this.scene.scrollTop) this.scene.scrollTop = top;
    else if (top + ROW > this.scene.scrollTop + this.scene.clientHeight) this.scene.scrollTop = top + ROW - this.scene.clientHeight;
    this.paint();
    const label = this.rows[this.at]?.label;
    this.desk.options.emit({ type: 'look', label: label ?? null });
    return true;
  }

  private takeRow(): boolean {
    const node = this.rows[this.at];
    if (!node) return false;
    if (node.open) return this.take(node);
    this.fold(node);
    return true;
  }

  private take(node: Node): boolean {
    if (!node.open || this.desk.fixed) return false;
    const { at_most } = bounds(this.desk.question);
    const next = choose(this.desk.value, node.path, this.one ? null : at_most);
    if (next.includes(node.path)) this.note(node.path);
    this.search.value = '';
    this.walked = false;
    if (this.one) return this.desk.give([node.path]);
    this.desk.set(next, next.includes(node.path) ? `${node.title} chosen` : `${node.title} left out`);
    this.reveal(node.path);
    this.paint();
    return true;
  }

  private note(path: string): void {
    this.recent = [path, ...this.recent.filter((one) => one !== path)].slice(0, RECENT);
    remember(this.store, this.recent.join('\n'));
  }

  private drawLately(): void {
    const { value } = this.desk;
    const chosen = value.filter((path) => !this.recent.includes(path));
    this.lately.replaceChildren(
      ...[...this.recent, ...chosen].map((path, place) => {
        const node = this.tree.all.get(path);
        const one = button('gf-small gf-option', node?.title ?? path);
        one.title = titled(path, this.desk.question);
        one.setAttribute('aria-pressed', String(value.includes(path)));
        if (place < RECENT && this.recent.includes(path)) one.append(keyCap(String(place + 1)));
        one.addEventListener('click', () => node && this.take(node));
        return one;
      }),
    );
    this.lately.hidden ||= this.lately.childElementCount === 0;
  }

  /** Only the rows on screen are in the document. */
  private paint(): void {
    const height = this.scene.clientHeight || 8 * ROW;
    const from = Math.max(0, Math.floor(this.scene.scrollTop / ROW) - 4);
    const to = Math.min(this.rows.length, Math.ceil((this.scene.scrollTop + height) / ROW) + 4);
    this.room.style.height = `${Math.max(1, this.rows.length) * ROW}px`;
    const drawn: HTMLElement[] = [];
    for (let place = from; place < to; place += 1) drawn.push(this.row(this.rows[place]!, place));
    if (this.at < this.rows.length && (this.at < from || this.at >= to)) drawn.push(this.row(this.rows[this.at]!, this.at));
    if (this.rows.length === 0) drawn.push(make('p', 'gf-row muted', 'No label like that.'));
    this.room.replaceChildren(...drawn);
    const active = this.rows.length ? `${this.id}-${this.at}` : '';
    for (const one of [this.search, this.scene]) {
      if (active) one.setAttribute('aria-activedescendant', active);
      else one.removeAttribute('aria-activedescendant');
    }
  }

  private row(node: Node, place: number): HTMLElement {
    const row = make('div', 'gf-row');
    row.id = `${this.id}-${place}`;
    row.dataset.place = String(place);
    row.style.top = `${place * ROW}px`;
    row.style.setProperty('--depth', String(this.searching ? 0 : Math.min(node.depth, 8)));
    row.setAttribute('role', 'treeitem');
    row.setAttribute('aria-level', String(this.searching ? 1 : node.depth + 1));
    row.setAttribute('aria-setsize', String(this.rows.length));
    row.setAttribute('aria-posinset', String(place + 1));
    row.setAttribute('aria-selected', String(this.desk.value.includes(node.path)));
    row.toggleAttribute('data-active', place === this.at);
    row.toggleAttribute('data-folder', !node.open);
    row.toggleAttribute('data-proposed', this.desk.suggested?.includes(node.path) ?? false);
    if (!this.searching) {
      if (node.children.length) row.setAttribute('aria-expanded', String(this.unfolded.has(node.path)));
      row.append(make('span', 'gf-turn', node.children.length ? '▸' : ''));
    }
    row.append(make('span', 'gf-row-title', node.title));
    if (this.searching && node.parent) row.append(make('span', 'gf-row-path', titled(node.parent.path, this.desk.question)));
    return row;
  }
}

export const mount = (host: HTMLElement, options: EditorOptions): Editor => mountForm(host, options, form);
