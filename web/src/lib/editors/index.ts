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
  best: { draws: 'question', load: () => import('./best') },
  box: { draws: 'item', load: () => import('./image') },
  choice: { draws: 'question', load: () => import('./choice') },
  choices: { draws: 'question', load: () => import('./choices') },
  date: { draws: 'question', load: () => import('./date') },
  ellipse: { draws: 'item', load: () => import('./image') },
  key_values: { draws: 'question', load: () => import('./fields') },
  keypoints: { draws: 'item', load: () => import('./image') },
  mask: { draws: 'item', load: () => import('./image') },
  number: { draws: 'question', load: () => import('./number') },
  polygon: { draws: 'item', load: () => import('./image') },
  polyline: { draws: 'item', load: () => import('./image') },
  preference: { draws: 'question', load: () => import('./prefer') },
  ranking: { draws: 'question', load: () => import('./rank') },
  rating: { draws: 'question', load: () => import('./rating') },
  rubric: { draws: 'question', load: () => import('./rubric') },
  span: { draws: 'item', load: () => import('./text') },
  taxonomy: { draws: 'question', load: () => import('./taxonomy') },
  text: { draws: 'question', load: () => import('./write') },
};

export type { Editor, EditorModule } from './contract';
