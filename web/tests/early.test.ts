// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { Early } from '../src/lib/early';
import type { Editor, EditorCommand } from '../src/lib/editors/contract';
import { remember } from '../src/lib/taste';

const KEYS = ['1', '2', 'k'];
const press = (key: string, more: KeyboardEventInit = {}) =>
  new KeyboardEvent('keydown', { key, code: /^\d$/.test(key) ? `Digit${key}` : '', ...more });

/** An editor that takes arrows and the digit 9 itself, and says what it was given. */
function editor(taken: unknown[], ongive = () => {}): Editor {
  return {
    setTask: () => {},
    setValue: () => {},
    command: (command: EditorCommand) => (taken.push(command), ongive(), true),
    key: (event) => /^(9|Arrow.*)$/.test(event.key) && taken.push(event.key) > 0,
    focus: () => {},
    destroy: () => {},
  };
}

test('what was pressed before an editor arrived is given to it, once and in order', () => {
  const early = new Early();
  for (const key of ['k', 'ArrowDown', '9', '2', 'Enter']) expect(early.keep(press(key), KEYS)).toBe(true);
  const taken: unknown[] = [];
  const arrived = editor(taken);
  early.give(arrived, KEYS);
  early.give(arrived, KEYS);
  expect(taken).toEqual([{ do: 'pick', index: 2 }, 'ArrowDown', '9', { do: 'pick', index: 1 }, { do: 'accept' }]);
});

test("keys of the page, of the browser and of a field are not the editor's", () => {
  const early = new Early();
  for (const key of ['g', '?', 's', 'z', '/', 'Escape', 'Tab', 'F5']) expect(early.keep(press(key), KEYS)).toBe(false);
  expect(early.keep(press('1', { ctrlKey: true }), KEYS)).toBe(false);
  expect(early.keep(press('ArrowLeft', { altKey: true }), KEYS)).toBe(false);
  const field = document.createElement('input');
  let kept = true;
  field.addEventListener('keydown', (event) => (kept = early.keep(event, KEYS)));
  field.dispatchEvent(press('1'));
  expect(kept).toBe(false);
});

test('once there is an answer, a key pressed twice says nothing about the next item', () => {
  const early = new Early();
  const taken: unknown[] = [];
  early.keep(press('1'), KEYS);
  early.keep(press('1'), KEYS);
  early.give(editor(taken, () => early.drop()), KEYS);
  expect(taken).toEqual([{ do: 'pick', index: 0 }]);
});

test('keys of one character that somebody switched off are not kept either', () => {
  remember('keys', 'safe');
  const kept = ['1', '9', 'k', 'Enter'].filter((key) => new Early().keep(press(key), KEYS));
  remember('keys', 'all');
  expect(kept).toEqual(['Enter']);
});
