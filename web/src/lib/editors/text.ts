/**
 * The editor of spans in a text, and of relations between them, without a framework.
 *
 * In: a text, what was marked in it or is suggested. Out: an answer whose places count code points. Never: item text as
 * markup, an act without a way back, or work that grows with the text for one key press.
 */

import type { Answer } from '../answers';
import { obey } from './commands';
import type { Editor, EditorCommand, EditorOptions, KeyRow, Shown } from './contract';
import { Bar } from './text-bar';
import { Hands } from './text-hands';
import { Offsets } from './text-offsets';
import { plural } from '../words';
import { SpanTable } from './text-table';
import { TextView } from './text-view';
import './text.css';

export const KEYS: readonly KeyRow[] = [
  { key: '1-9', text: 'label what is selected, the word at the caret, or change the label of the current span' },
  { key: '← →', text: 'move the caret by word; with Shift select; with Ctrl or Alt by character' },
  { key: '[ ]', text: 'the span before, the span after (Tab, too)' },
  { key: '← → on a span', text: 'move it; with Shift its end, with Ctrl+Shift its start; with Alt by character' },
  { key: 'Del', text: 'remove the current span or relation' },
  { key: 'A', text: 'label all like the current span' },
  { key: 'R', text: 'join the current span with another: R, the other span, a digit' },
  { key: 'W', text: 'snap to words, or not' },
  { key: 'T', text: 'the spans as a table' },
  { key: 'Z', text: 'undo; with Shift redo' },
];

/** An answer in a few words. */
export function wordsOf(answer: Answer): string {
  if (answer.kind === 'abstain') return 'Cannot decide';
  if (answer.kind !== 'span') return answer.kind;
  return plural(answer.spans.length, 'span') + (answer.relations?.length ? `, ${plural(answer.relations.length, 'relation')}` : '');
}

class TextEditor extends Hands implements Editor {
  private readonly size: ResizeObserver | null;

  constructor(
    host: HTMLElement,
    options: EditorOptions,
  ) {
    super(options);
    this.view = new TextView({
      marksIn: (range) => this.marks.within(range),
      dress: (mark) => this.dress(mark),
      isCurrent: (mark) => mark.key === this.current || mark.key === this.joining?.head,
      drawn: () => this.drawOver(),
    });
    this.table = new SpanTable({
      labels: this.labels,
      count: () => this.marks.all.length,
      rows: (from, to) => this.marks.all.slice(from, to).map((mark) => ({ mark, ...this.pointsOf(mark), text: this.textOf(mark) })),
      placeOfCurrent: () => this.marks.all.findIndex((mark) => mark.key === this.current),
      isCurrent: (mark) => mark.key === this.current,
      pick: (mark) => this.choose(mark, 'reveal'),
      change: (mark, to) => this.retype(mark, to),
      remove: (mark) => this.remove(mark),
      readonly: () => this.fixed,
    });
    this.bar = new Bar(options, {
      label: (index) => this.pick(index),
      relation: (index) => this.tie(index),
      snap: () => this.toggleSnap(),
      like: () => this.labelAllLike(),
      join: () => this.join(),
      remove: () => this.removeCurrent(),
      table: () => this.toggleTable(),
      accept: () => this.acceptAll(),
      reject: () => this.reject(),
      done: () => this.finish(),
      look: (label) => options.emit({ type: 'look', label }),
    });
    this.build(host);
    this.size = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(() => this.drawOver());
    this.size?.observe(this.scene);
    this.listen();
  }

  // ---- the contract --------------------------------------------------------------------------------------------------
  setTask(shown: Shown): void {
    this.shown = shown;
    this.offsets = new Offsets(shown.task?.item.text ?? '');
    this.pen = null;
    this.caret = this.anchor = null;
    this.fill(shown.value);
    this.view.show(this.text);
    this.view.element.dataset.size = this.text.length < 700 ? 'medium' : 'long';
    this.foldAgreed();
    this.tellAll();
  }

  setValue(value: Answer | null): void {
    this.fill(value);
    this.view.redrawAll();
    this.foldAgreed();
    this.tellAll();
  }

  command(command: EditorCommand): boolean {
    return obey(command, { pick: (index) => this.pick(index), enter: () => this.enter(), reject: () => this.reject(), undo: () => this.turn('undo') }, this.options);
  }

  key(event: KeyboardEvent): boolean {
    const { key, shiftKey: shift } = event;
    const arrow = { ArrowLeft: -1, ArrowRight: 1 }[key];
    const step = arrow ? ((arrow * this.view.runOf(this.mark()?.from ?? this.caret ?? 0)) as 1 | -1) : undefined;
    if (this.joining?.tail != null && this.tieByKey(event)) return true;
    if (this.keysOfText(event, step)) return true;
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    switch (key.toLowerCase()) {
      case '[':
        return this.walk(-1);
      case ']':
        return this.walk(1);
      case 'w':
        return this.toggleSnap();
      case 't':
        return this.toggleTable();
      case 'z':
        return shift && this.turn('redo');
      case 'a':
        return this.fixed ? false : this.labelAllLike();
      case 'r':
        return this.join();
      case 'escape':
        return this.leave();
      default:
        return false;
    }
  }

  focus(): void {
    this.view.element.focus({ preventScroll: true });
  }

  destroy(): void {
    this.stop.abort();
    this.size?.disconnect();
    this.view.destroy();
    this.root.remove();
  }
}

export function mount(host: HTMLElement, options: EditorOptions): Editor {
  return new TextEditor(host, options);
}
