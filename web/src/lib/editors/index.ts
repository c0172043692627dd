/**
 * Which editor edits which kind of question. Each is loaded when a project asks a question of its kind.
 *
 * In: a kind of question. Out: its editor's module, and whether that shows the item itself. Never: an editor's code in
 * the page's own chunk (import names and hues from `labels`, not from an editor).
 */

import type { QuestionKind } from '../api';
import type { EditorModule } from './contract';

export interface Entry {
  /** Whether the editor draws the item itself ('item'), or asks beside an item that the page shows ('question'). */
  draws: 'item' | 'question';
  load(): Promise<EditorModule>;
}

/** One row per kind; a kind without a row is edited elsewhere, and the page says so. */
export const EDITORS: Partial<Record<QuestionKind, Entry>> = {
  choice: { draws: 'question', load: () => import('./choice') },
  span: { draws: 'item', load: () => import('./text') },
};

export type { Editor, EditorModule } from './contract';
