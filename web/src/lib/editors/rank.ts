/**
 * The editor of a ranking: candidates dragged into their order, or moved by keys alone.
 *
 * In: the candidates of the item. Out: all of them, best first, those as good as each other on one step. Never: one left out.
 */

import type { Answer } from '../api';
import type { Editor, EditorOptions, KeyRow } from './contract';
import { type Bench, type Body, type Form, Missing, mountForm } from './form';
import { button, candidatesOf, digitOf, excerpt, type FormKey, letterOf, make } from './form-parts';
import { move, place, ranks, tie } from './rank-order';
import './rank.css';

export const KEYS: readonly KeyRow[] = [
  { key: '↑ ↓', text: 'the candidate above, the candidate below' },
  { key: 'Space', text: 'grab it; the arrows then move it; Space lets go, Esc puts it back' },
  { key: '=', text: 'as good as the one above, or no longer' },
  { key: '1-9', text: 'this candidate comes next: 3 1 2 ranks the third first' },
  { key: 'Enter', text: 'send the order' },
];

export function wordsOf(answer: Answer): string {
  if (answer.kind === 'abstain') return 'Cannot decide';
  if (answer.kind !== 'ranking') return answer.kind;
  return answer.order.map((step) => step.map(letterOf).join(' = ')).join(' > ');
}

type Order = number[][];

const form: Form<Order> = {
  empty: () => [],
  read: (answer) => (answer.kind === 'ranking' ? answer.order.map((step) => [...step]) : null),
  write(order, _, shown) {
    const known = order.length ? order : candidatesOf(shown).map((_, nth) => [nth]);
    return known.length ? { kind: 'ranking', order: known } : new Missing('This item has no candidates.');
  },
  words: wordsOf,
  ask: () => 'Nothing was moved. Enter again if this order is right.',
  make: (desk) => new RankBody(desk),
};

class RankBody implements Body<Order> {
  readonly element = make('ol', 'gf-ranks');
  private current = 0;
  private held: Order | null = null;
  /** How many were placed by digits, one after another. */
  private placed: number[] = [];

  constructor(private readonly desk: Bench<Order>) {
    this.element.setAttribute('aria-label', desk.question.prompt || desk.question.name);
    this.element.addEventListener('keydown', (event) => {
      const onGrip = event.target instanceof Element && event.target.matches('.gf-grip');
      if (!onGrip || desk.fixed || event.ctrlKey || event.metaKey || (event.key !== ' ' && event.key !== 'Enter')) return;
      event.preventDefault();
      if (event.key === ' ') this.grab();
      else desk.submit();
    });
  }

  reset(): void {
    this.held = null;
    this.placed = [];
    this.current = 0;
  }

  /** The order on screen: as shown, until somebody moves one. */
  private get order(): Order {
    return this.desk.value.length ? this.desk.value : candidatesOf(this.desk.shown).map((_, nth) => [nth]);
  }

  draw(): void {
    const rows = ranks(this.order);
    const texts = candidatesOf(this.desk.shown);
    const held = document.activeElement?.closest<HTMLElement>('.gf-rank');
    const nth = held ? [...held.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement) : -1;
    this.element.replaceChildren(
      ...rows.map(({ who, rank, tied }) => {
        const row = make('li', 'gf-rank');
        row.dataset.who = String(who);
        row.toggleAttribute('data-tied', tied);
        row.toggleAttribute('data-current', who === this.current && !this.desk.fixed);
        row.toggleAttribute('data-grabbed', who === this.current && this.held !== null);
        const grip = button('gf-grip', '⠿');
        grip.setAttribute('aria-label', `${letterOf(who)}, place ${rank}: drag, or press Space and move it by arrows`);
        grip.setAttribute('aria-pressed', String(who === this.current && this.held !== null));
        grip.disabled = this.desk.fixed;
        const acts = make('span', 'gf-rank-acts');
        for (const [text, title, act] of [
          ['↑', 'one up', () => this.shift(who, -1)],
          ['↓', 'one down', () => this.shift(who, 1)],
          ...(this.desk.question.ties === false ? [] : [['=', 'tied with the one above', () => this.join(who)] as const]),
        ] as const) {
          const one = button('gf-small', text);
          one.setAttribute('aria-label', `${letterOf(who)} ${title}`);
          one.addEventListener('click', act);
          acts.append(one);
        }
        acts.hidden = this.desk.fixed;
        const letter = make('span', 'gf-letter', letterOf(who));
        row.append(grip, make('span', 'gf-place', rank), letter, make('span', 'gf-gist', excerpt(texts[who] ?? '', 90)), acts);
        grip.addEventListener('pointerdown', (event) => this.drag(event, row, who));
        grip.addEventListener('focus', () => this.mark(who));
        return row;
      }),
    );
    if (nth === 0) this.focus();
    else if (nth > 0) this.element.querySelectorAll<HTMLElement>(`[data-who="${held!.dataset.who}"] button`)[nth]?.focus();
  }

  focus(): void {
    this.element.querySelector<HTMLElement>(`[data-who="${this.current}"] .gf-grip`)?.focus();
  }

  key(press: FormKey): boolean {
    const step = ({ ArrowUp: -1, ArrowDown: 1 } as const)[press.key];
    if (step) {
      if (this.held) return this.shift(this.current, step);
      const line = this.order.flat();
      const at = Math.max(0, Math.min(line.length - 1, line.indexOf(this.current) + step));
      this.current = line[at] ?? 0;
      this.draw();
      this.focus();
      this.desk.say(this.saying(this.current));
      return true;
    }
    if (press.key === ' ') return this.grab();
    if (press.key === '=') return this.desk.question.ties === false ? true : this.join(this.current);
    if (press.key === 'Escape' && this.held) {
      this.desk.set(this.held, `${letterOf(this.current)} put back`);
      return this.letGo();
    }
    const digit = digitOf(press);
    if (!digit || press.shift) return digit !== null;
    return this.next(digit - 1);
  }

  // ---- inside --------------------------------------------------------------------------------------------------------
  private saying(who: number): string {
    return `${letterOf(who)}, place ${ranks(this.order).find((one) => one.who === who)?.rank ?? '?'} of ${this.order.flat().length}`;
  }

  private mark(who: number): void {
    if (this.current === who) return;
    this.current = who;
    this.held = null;
    for (const row of this.element.children) row.toggleAttribute('data-current', (row as HTMLElement).dataset.who === String(who));
  }

  private shift(who: number, sign: -1 | 1): boolean {
    if (this.desk.fixed) return false;
    this.current = who;
    this.desk.set(move(this.order, who, sign), '', this.held ? 'held' : '');
    this.desk.say(this.saying(who));
    return true;
  }

  private join(who: number): boolean {
    this.current = who;
    this.desk.set(tie(this.order, who), '');
    this.desk.say(this.saying(who));
    return true;
  }

  private grab(): boolean {
    if (this.held) {
      this.desk.say(`${this.saying(this.current)}, let go`);
      return this.letGo();
    }
    this.held = this.order;
    this.draw();
    this.focus();
    this.desk.say(`${letterOf(this.current)} grabbed: arrows move it, Space lets go`);
    return true;
  }

  private letGo(): boolean {
    this.held = null;
    this.draw();
    this.focus();
    return true;
  }

  /** Digits in a row rank from the first place down. */
  private next(who: number): boolean {
    if (!this.order.flat().includes(who)) return true;
    const before = this.placed.filter((one) => one !== who && this.order.flat().indexOf(one) === this.placed.indexOf(one));
    this.placed = [...before, who];
    this.current = who;
    this.desk.set(place(this.order, who, before.length), '');
    this.desk.say(this.saying(who));
    return true;
  }

  private drag(event: PointerEvent, row: HTMLElement, who: number): void {
    if (this.desk.fixed || event.button !== 0) return;
    event.preventDefault();
    this.mark(who);
    const rows = [...this.element.children] as HTMLElement[];
    const tops = rows.map((one) => one.getBoundingClientRect());
    const from = rows.indexOf(row);
    const start = event.clientY;
    let to = from;
    row.dataset.grabbed = '';
    const follow = (moved: PointerEvent) => {
      const by = moved.clientY - start;
      const middle = tops[from]!.top + tops[from]!.height / 2 + by;
      to = tops.filter((box, nth) => nth !== from && box.top + box.height / 2 < middle).length;
      row.style.transform = `translateY(${by}px)`;
      rows.forEach((one, nth) => {
        if (nth === from) return;
        const shift = nth > from && nth <= to ? -1 : nth < from && nth >= to ? 1 : 0;
        one.style.transform = shift ? `translateY(${shift * tops[from]!.height}px)` : '';
      });
    };
    const drop = (ended: Event) => {
      for (const [name, listener] of [['pointermove', follow], ['pointerup', drop], ['pointercancel', drop]] as const)
        removeEventListener(name, listener as EventListener);
      if (ended.type === 'pointerup' && to !== from) {
        this.desk.set(place(this.order, who, to), '');
        this.desk.say(this.saying(who));
      } else this.draw();
      this.focus();
    };
    addEventListener('pointermove', follow);
    addEventListener('pointerup', drop);
    addEventListener('pointercancel', drop);
  }
}

export const mount = (host: HTMLElement, options: EditorOptions): Editor => mountForm(host, options, form);
