/**
 * Keys that are pressed before a question's editor has arrived: kept, and given to it as soon as it is there.
 *
 * In: key presses, the keys of the labels. Out: the same presses to the editor, in their order. Never: a press that means
 * something to the page, or one for an item that is no longer on screen.
 */

import type { Editor, EditorCommand } from './editors/contract';
import { commandOf, pressOf } from './keys';
import { recall } from './taste';

type Keys = readonly string[];
const MEANT = new Set(['pick', 'accept', 'reject', 'unsure']);
const enabled = () => (recall('keys', 'all') === 'safe' ? 'safe' : 'all');
/** What editors take beside the keys of labels: grades, and the way from one to the next. */
const OWN = /^(\d|Arrow.*)$/;

const commandFor = (event: KeyboardEvent, keys: Keys) => {
  const command = commandOf(pressOf(event), keys, enabled());
  return command && MEANT.has(command.do) ? (command as EditorCommand) : null;
};

export class Early {
  #kept: KeyboardEvent[] = [];

  /** Keep a press that only an editor can be meant by; false for any other. */
  keep(event: KeyboardEvent, keys: Keys): boolean {
    const { focus, modified } = pressOf(event);
    const own = OWN.test(event.key) && !modified && focus !== 'text' && (event.key.length > 1 || enabled() === 'all');
    const meant = own || commandFor(event, keys) !== null;
    if (meant) this.#kept.push(event);
    return meant;
  }

  give(editor: Editor, keys: Keys): void {
    for (let event = this.#kept.shift(); event; event = this.#kept.shift()) {
      if (editor.key?.(event)) continue;
      const command = commandFor(event, keys);
      if (command) editor.command(command);
    }
  }

  /** What was kept is of no use any more: the question is answered, or another one is asked. */
  drop(): void {
    this.#kept = [];
  }
}
