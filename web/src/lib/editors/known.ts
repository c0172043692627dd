/**
 * Editors that have arrived in this browser: those are mounted at once, so that no key falls between two questions.
 *
 * In: a kind of question. Out: its editor's module, now or soon. Never: a second load of one.
 */

import type { QuestionKind } from '../answers';
import { type EditorModule, EDITORS } from './index';

export const known: Partial<Record<QuestionKind, EditorModule>> = {};

export async function bring(kind: QuestionKind): Promise<void> {
  const module = known[kind] ?? (await EDITORS[kind]?.load());
  if (module) known[kind] = module;
}
