/**
 * What the editors of forms share: a value with its way back, a suggestion, another value to compare with, the way on.
 *
 * In: how an editor draws its value, and how that becomes an answer. Out: an `Editor`. Never: an act without a way back,
 * a suggestion that looks like an answer, an answer that says less than the question asks for.
 */

import { say, told } from '../speech';
import type { Answer, Question, Suggestion } from '../api';
import { percent } from '../labels';
import type { Editor, EditorOptions, Shown } from './contract';
import { button, type FormKey, keyCap, make } from './form-parts';
import './form.css';

/** What is missing before a value is an answer, in words. */
export class Missing {
  constructor(readonly text: string) {}
}

/** The body of an editor: one kind of question, its value of type V. */
export interface Body<V> {
  element: HTMLElement;
  /** Show the value; called after every change. */
  draw(): void;
  focus(): void;
  /** A label was found by name, or its key was pressed. */
  pick?(index: number): boolean;
  /** A key that the page would not know; true when it was the body's. */
  key?(press: FormKey): boolean;
  /** Another item is on screen. */
  reset?(): void;
}

/** How values of one kind become answers and words. */
export interface Form<V> {
  empty(question: Question): V;
  read(answer: Answer, question: Question, shown: Shown): V | null;
  /** The answer that a value is, or what is missing. */
  write(value: V, question: Question, shown: Shown): Answer | Missing;
  words(answer: Answer, question: Question): string;
  /** The keys of a suggestion that is a label alone. */
  fromLabel?(label: string, question: Question): Answer | null;
  /** A value that is not whole yet, so that a reload loses nothing of it. */
  draft?(value: V, question: Question): Answer;
  /** What differs from another value; without it, that value in words. */
  diff?(compared: V, value: V): Node;
  /** Whether typing begins at once: the editor is a field. */
  typed?: boolean;
  /** A suggestion can be taken into the editor and changed there. */
  editable?: boolean;
  /** Say so before an answer that nobody has touched is sent. */
  ask?(value: V, question: Question): string | null;
  make(desk: Bench<V>): Body<V>;
}

/** What a body may know and do. */
export interface Bench<V> {
  readonly question: Question;
  readonly options: EditorOptions;
  readonly shown: Shown;
  readonly value: V;
  readonly suggested: V | null;
  readonly compared: V | null;
  readonly fixed: boolean;
  /** Take a new value; what is said names the act. Values of one `run` (typing) are taken back together. */
  set(value: V, said: string, run?: string): void;
  /** Send the value as it is. */
  submit(): boolean;
  /** Set, and send at once. */
  give(value: V): boolean;
  say(text: string): void;
}

/** How far an undo reaches. */
const DEPTH = 200;

class FormEditor<V> implements Editor, Bench<V> {
  shown: Shown = { value: null, suggestion: null };
  value: V;
  suggested: V | null = null;
  compared: V | null = null;
  private offered: { answer: Answer; from: Suggestion } | null = null;
  private past: { value: V; run: string; said: string }[] = [];
  private touched = false;
  /** A warning was given: the same act again is meant. */
  private warned = false;
  private item: unknown = null;
  private readonly root = make('div', 'gf');
  private readonly proposal = make('div', 'gf-proposal');
  private readonly note = make('p', 'gf-note');
  private readonly was = make('div', 'gf-was');
  private readonly done = button('gf-small gf-done', say('Submit'));
  private readonly body: Body<V>;

  constructor(
    host: HTMLElement,
    readonly options: EditorOptions,
    private readonly form: Form<V>,
    private readonly submitKey: string,
  ) {
    this.value = form.empty(this.question);
    this.root.setAttribute('role', 'group');
    this.root.setAttribute('aria-label', this.question.prompt || this.question.name);
    this.body = form.make(this);
    this.done.append(keyCap(submitKey));
    this.done.addEventListener('click', () => this.submit());
    const end = make('div', 'gf-end');
    end.append(this.note, this.done);
    const help = make('p', 'gf-note', this.question.help ?? '');
    help.hidden = !this.question.help;
    this.root.append(help, this.proposal, this.body.element, this.was, end);
    this.root.addEventListener('keydown', (event) => this.enter(event));
    this.root.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      this.submit();
    });
    host.replaceChildren(this.root);
    this.draw();
  }

  get question(): Question {
    return this.options.question;
  }

  get fixed(): boolean {
    return this.shown.readonly === true;
  }

  // ---- what a body does ---------------------------------------------------------------------------------------------
  set(value: V, said: string, run = ''): void {
    if (this.fixed) return;
    const before = this.past.at(-1);
    if (!run || before?.run !== run) this.past.push({ value: this.value, run, said });
    if (this.past.length > DEPTH) this.past.shift();
    this.value = value;
    this.touched = true;
    this.warned = false;
    if (said) this.say(said);
    this.keep();
    this.draw();
  }

  submit(): boolean {
    if (this.fixed) return false;
    const found = this.form.write(this.value, this.question, this.shown);
    if (found instanceof Missing) {
      this.tell(found.text, 'missing');
      this.say(found.text);
      return true;
    }
    const doubt = this.touched || this.warned ? null : (this.form.ask?.(this.value, this.question) ?? null);
    if (doubt) {
      this.warned = true;
      this.tell(doubt, 'missing');
      this.say(doubt);
      return true;
    }
    this.options.emit({ type: 'answer', answer: found });
    return true;
  }

  give(value: V): boolean {
    this.set(value, '');
    return this.submit();
  }

  say(text: string): void {
    this.options.emit({ type: 'say', text });
  }

  // ---- the contract --------------------------------------------------------------------------------------------------
  setTask(shown: Shown): void {
    this.shown = shown;
    this.past = [];
    this.offered = shown.suggestion && this.offer(shown.suggestion);
    this.suggested = this.offered && this.form.read(this.offered.answer, this.question, shown);
    if (this.suggested === null) this.offered = null;
    this.compared = shown.compareTo ? this.form.read(shown.compareTo, this.question, shown) : null;
    this.body.reset?.();
    this.setValue(shown.value);
    const item = shown.task?.item ?? shown;
    if (this.form.typed && item !== this.item && !this.fixed && !shown.suggestion) this.begin();
    this.item = item;
  }

  setValue(value: Answer | null): void {
    const read = value && this.form.read(value, this.question, this.shown);
    this.touched = read !== null;
    this.warned = false;
    this.value = read ?? this.form.empty(this.question);
    this.draw();
  }

  command(command: Parameters<Editor['command']>[0]): boolean {
    switch (command.do) {
      case 'pick':
        return !this.fixed && (this.body.pick?.(command.index) ?? false);
      case 'accept':
        return this.offered && !this.touched ? this.accept() : this.submit();
      case 'reject':
        return this.setAside();
      case 'unsure':
        this.options.emit({ type: 'answer', answer: { kind: 'abstain', reason: '' } });
        return true;
      case 'undo':
        return this.undo();
      default:
        return command satisfies never;
    }
  }

  key(event: KeyboardEvent): boolean {
    if (this.fixed || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return false;
    return this.body.key?.({ key: event.key, code: event.code, shift: event.shiftKey, target: event.target }) ?? false;
  }

  focus(): void {
    this.body.focus();
  }

  destroy(): void {
    this.root.remove();
  }

  /** On a step or a box that is chosen already, Enter sends: Space is what chooses. */
  private enter(event: KeyboardEvent): void {
    const { target } = event;
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || !(target instanceof Element)) return;
    const role = target.getAttribute('role');
    if (role !== 'checkbox' && !(role === 'radio' && target.getAttribute('aria-checked') === 'true')) return;
    event.preventDefault();
    this.submit();
  }

  // ---- inside --------------------------------------------------------------------------------------------------------
  private offer(from: Suggestion): { answer: Answer; from: Suggestion } | null {
    const answer = from.answer ?? this.form.fromLabel?.(from.label, this.question) ?? null;
    return answer && answer.kind === this.question.kind ? { answer, from } : null;
  }

  private accept(): boolean {
    if (!this.offered || this.suggested === null) return false;
    return this.give(this.suggested);
  }

  private setAside(): boolean {
    if (!this.offered) return false;
    this.offered = this.suggested = null;
    this.say('Suggestion put aside');
    this.draw();
    this.body.focus();
    return true;
  }

  private undo(): boolean {
    const before = this.past.pop();
    if (!before) return false;
    this.value = before.value;
    this.say(before.said ? `Undone: ${before.said}` : say('Undone'));
    this.keep();
    this.draw();
    return true;
  }

  private keep(): void {
    const found = this.form.write(this.value, this.question, this.shown);
    const answer = found instanceof Missing ? this.form.draft?.(this.value, this.question) : found;
    if (answer) this.options.emit({ type: 'change', answer });
  }

  /** By thumb the keyboard would hide the item: there typing begins with a tap; so it does among other questions. */
  private begin(): void {
    if (this.root.closest('[data-place]')) return;
    if (typeof matchMedia === 'undefined' || !matchMedia('(hover: hover)').matches) return;
    setTimeout(() => {
      if (this.root.isConnected && !document.querySelector('dialog[open]')) this.body.focus();
    });
  }

  private draw(): void {
    this.drawProposal();
    this.root.toggleAttribute('data-fixed', this.fixed);
    this.body.draw();
    this.done.hidden = this.fixed;
    this.drawWas();
    const found = this.form.write(this.value, this.question, this.shown);
    this.done.toggleAttribute('data-ready', !(found instanceof Missing));
    this.tell(found instanceof Missing ? found.text : '', 'plain');
  }

  private drawProposal(): void {
    this.proposal.hidden = this.offered === null;
    if (!this.offered) return this.proposal.replaceChildren();
    const { answer, from } = this.offered;
    const words = make('span', 'gf-proposal-words gs-proposal');
    const text = this.form.words(answer, this.question);
    words.append(make('span', '', 'Suggested'), make('strong', '', text.length > 300 ? `${text.slice(0, 300)}…` : text));
    words.append(make('span', '', `${percent(from.confidence)} sure · ${told(from.source)}`));
    const accept = button('gf-small', say('Accept'));
    if (!this.touched) accept.append(keyCap(this.submitKey));
    accept.addEventListener('click', () => this.accept());
    const reject = button('gf-small', 'Put aside');
    reject.append(keyCap('x'));
    reject.addEventListener('click', () => this.setAside());
    const edit = button('gf-small', say('Edit'));
    edit.hidden = !this.form.editable;
    edit.addEventListener('click', () => {
      if (this.suggested !== null) this.set(this.suggested, 'Suggestion taken into the editor');
      this.body.focus();
    });
    this.proposal.replaceChildren(words, accept, edit, reject);
  }

  private drawWas(): void {
    const { compareTo } = this.shown;
    this.was.hidden = !compareTo;
    if (!compareTo) return;
    const same = this.compared !== null && JSON.stringify(this.compared) === JSON.stringify(this.value);
    if (same) return this.was.replaceChildren('The other answer is the same.');
    if (this.compared !== null && this.form.diff) return this.was.replaceChildren(this.form.diff(this.compared, this.value));
    this.was.replaceChildren(`The other answer: ${this.form.words(compareTo, this.question)}`);
  }

  private tell(text: string, tone: 'plain' | 'missing'): void {
    this.note.textContent = text;
    this.note.dataset.tone = tone;
  }
}

/** Mount an editor of this form. */
export function mountForm<V>(host: HTMLElement, options: EditorOptions, form: Form<V>, submitKey = 'Enter'): Editor {
  return new FormEditor(host, options, form, submitKey);
}
