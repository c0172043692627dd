/**
 * What every editor keeps to, so that a page can mount any of them: one question about one item, edited in place.
 *
 * In: a host element, the question, the item with what was answered or suggested. Out: events, and never more than one
 * `answer` for one press. Never: a call to the server, a framework, a suggestion that looks like an answer.
 */

import type { Answer, Item, Label, Question, Suggestion } from '../api';
import type { Command } from '../keys';
import type { Media } from '../queue';

/** A box in pixels of the image as stored; right and bottom lie beyond it. */
export interface Bounds {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The item that is asked about, with its media already decoded. */
export interface EditorTask {
  item: Item;
  media: Media | null;
}

/** What an editor shows: an item, what is marked on it, what is suggested for it, and what it is compared with. */
export interface Shown {
  /** Left out where the page shows the item itself, and the editor only asks. */
  task?: EditorTask | null;
  value: Answer | null;
  suggestion: Suggestion | null;
  /** Nothing can be changed: a release, another person's answer. */
  readonly?: boolean;
  /** Another value: what differs is marked, what agrees is folded away. */
  compareTo?: Answer | null;
}

export type EditorEvent =
  /** The person is done with this question: keep it and go on. */
  | { type: 'answer'; answer: Answer }
  /** The value as it is after an act; the person is not done. Pages keep it, so that a reload loses nothing. */
  | { type: 'change'; answer: Answer }
  /** A label is pointed at: its rules may be shown. */
  | { type: 'look'; label: Label | null }
  /** What an act came to, for the live region. */
  | { type: 'say'; text: string };

export type Emit = (event: EditorEvent) => void;

export interface EditorOptions {
  question: Question;
  /** One key per label, as printed; empty for none. */
  keys: readonly string[];
  emit: Emit;
  /** Print no definitions: they are elsewhere on the page. */
  compact?: boolean;
  /** The object within a box on the item's image, as a mask in the way of COCO; left out where nobody finds any. */
  outline?: (box: Bounds) => Promise<{ width: number; height: number; counts: string }>;
}

/** The commands that are an editor's; the others are the page's. */
export type EditorCommand = Extract<Command, { do: 'pick' | 'accept' | 'reject' | 'unsure' | 'undo' }>;

export interface Editor {
  /** Show another item, with its state. */
  setTask(shown: Shown): void;
  /** Show another value for the same item. */
  setValue(value: Answer | null): void;
  /** Do a command; false when there was nothing to do (an undo then is the page's: it goes back an item). */
  command(command: EditorCommand): boolean;
  /** Offered each key press before the page's own keys, except while text is typed; true when it was the editor's. */
  key?(event: KeyboardEvent): boolean;
  focus(): void;
  destroy(): void;
}

/** A key of an editor beside the page's, for the overlay of keys. */
export interface KeyRow {
  key: string;
  text: string;
}

/** What the module of an editor offers. */
export interface EditorModule {
  mount(host: HTMLElement, options: EditorOptions): Editor;
  /** An answer in a few words, for the line under the item and the outbox. */
  wordsOf(answer: Answer, question: Question): string;
  KEYS?: readonly KeyRow[];
}
