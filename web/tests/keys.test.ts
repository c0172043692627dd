import { describe, expect, test } from 'vitest';
import { commandOf, digit, digitName, KEYS, labelKeys, type Press } from '../src/lib/keys';

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  code: /^\d$/.test(key) ? `Digit${key}` : '',
  shift: false,
  modified: false,
  repeat: false,
  focus: 'page',
  ...more,
});

const DIGITS = labelKeys(Array.from({ length: 20 }, () => ({})));

describe('digits', () => {
  test('1 to 9 and 0 pick the first ten labels, with shift the next ten', () => {
    for (let index = 0; index < 20; index++) {
      const code = `Digit${(index + 1) % 10}`;
      const key = index < 10 ? String((index + 1) % 10) : '!"§$%&/()='[index - 10]!;
      expect(commandOf(press(key, { code, shift: index >= 10 }), DIGITS)).toEqual({ do: 'pick', index });
    }
  });

  test('a keyboard that gives digits only with shift, and the keypad, pick by position', () => {
    expect(commandOf(press('&', { code: 'Digit1' }), DIGITS)).toEqual({ do: 'pick', index: 0 });
    expect(digit({ code: 'Numpad0', shift: false })).toBe(9);
  });

  test('a digit without a label does nothing', () => {
    expect(commandOf(press('3'), labelKeys([{}, {}]))).toBeNull();
  });

  test('no label behind the twentieth has a digit', () => {
    expect(digitName(19)).toBe('⇧0');
    expect(digitName(20)).toBe('');
  });
});

describe('hotkeys of labels', () => {
  const keys = labelKeys([{ hotkey: 'S' }, { hotkey: '1' }, {}]);

  test('a hotkey stands instead of the digit, and takes a digit away from the label it would have had', () => {
    expect(keys).toEqual(['s', '1', '3']);
    expect(labelKeys([{}, { hotkey: '1' }])).toEqual(['', '1']);
  });

  test("a label's hotkey wins over the page's key", () => {
    expect(commandOf(press('s'), keys)).toEqual({ do: 'pick', index: 0 });
    expect(commandOf(press('1'), keys)).toEqual({ do: 'pick', index: 1 });
    expect(commandOf(press('2'), keys)).toBeNull();
  });

  test('labels 0 to 9 with their own digits as hotkeys answer to what is printed on them', () => {
    const own = labelKeys(Array.from({ length: 10 }, (_, n) => ({ hotkey: String(n) })));
    for (let n = 0; n < 10; n++) expect(commandOf(press(String(n)), own)).toEqual({ do: 'pick', index: n });
  });
});

describe('the page', () => {
  test('every listed key does its command', () => {
    for (const { key, command } of KEYS) expect(commandOf(press(key), [])).toEqual({ do: command });
  });

  test('capitals do the same, so that caps lock loses nobody an answer', () => {
    expect(commandOf(press('Z', { shift: true }), [])).toEqual({ do: 'undo' });
  });

  test('while text is typed only Escape is ours', () => {
    expect(commandOf(press('s', { focus: 'text' }), [])).toBeNull();
    expect(commandOf(press('1', { focus: 'text' }), DIGITS)).toBeNull();
    expect(commandOf(press('Escape', { focus: 'text' }), [])).toEqual({ do: 'cancel' });
  });

  test('on a button Enter and Space belong to the button, other keys to the page', () => {
    expect(commandOf(press('Enter', { focus: 'button' }), [])).toBeNull();
    expect(commandOf(press(' ', { focus: 'button' }), [])).toBeNull();
    expect(commandOf(press('z', { focus: 'button' }), [])).toEqual({ do: 'undo' });
  });

  test("keys with Control, Alt or Command are the browser's, and a held key acts once", () => {
    expect(commandOf(press('z', { modified: true }), [])).toBeNull();
    expect(commandOf(press('1', { repeat: true }), DIGITS)).toBeNull();
  });

  test('single keys can be switched off; Enter and Escape stay', () => {
    expect(commandOf(press('1'), DIGITS, 'safe')).toBeNull();
    expect(commandOf(press('s'), [], 'safe')).toBeNull();
    expect(commandOf(press('Enter'), [], 'safe')).toEqual({ do: 'accept' });
  });
});
