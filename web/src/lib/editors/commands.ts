/**
 * What the page asks of an editor of marks, whether they are spans or shapes.
 *
 * In: a command, the editor's acts. Out: whether it did something. Never: an act of its own.
 */

import type { EditorCommand, EditorOptions } from './contract';

export interface MarkActs {
  pick(index: number): boolean;
  enter(): boolean;
  reject(): boolean;
  undo(): boolean;
}

export function obey(command: EditorCommand, acts: MarkActs, { emit }: Pick<EditorOptions, 'emit'>): boolean {
  switch (command.do) {
    case 'pick':
      return acts.pick(command.index);
    case 'accept':
      return acts.enter();
    case 'reject':
      return acts.reject();
    case 'unsure':
      emit({ type: 'answer', answer: { kind: 'abstain', reason: '' } });
      return true;
    case 'undo':
      return acts.undo();
    default:
      return command satisfies never;
  }
}
