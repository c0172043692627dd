/**
 * Keys: which key does what, and which key each label answers to.
 *
 * In: a key press as plain fields, and the labels' keys. Out: a command, or nothing. Never: the document.
 */

type Plain = 'accept' | 'reject' | 'skip' | 'unsure' | 'undo' | 'guideline' | 'keys' | 'find' | 'cancel';
/** What a key can ask for. */
export type Command = { do: 'pick'; index: number } | { [Name in Plain]: { do: Name } }[Plain];

export interface Press {
  key: string;
  code: string;
  shift: boolean;
  /** Control, Alt or Command is held: the browser's, not ours. */
  modified: boolean;
  repeat: boolean;
  /** What has the focus. */
  focus: 'page' | 'button' | 'text';
}

/** The page's own keys, in the order in which the overlay lists them. */
export const KEYS = [
  { key: 'Enter', command: 'accept', text: 'accept the suggestion, or send the marked answer' },
  { key: 'x', command: 'reject', text: 'put the suggestion aside' },
  { key: 's', command: 'skip', text: 'skip, with a reason' },
  { key: 'u', command: 'unsure', text: 'answer "I looked, and cannot decide"' },
  { key: 'z', command: 'undo', text: 'undo, item by item' },
  { key: 'g', command: 'guideline', text: 'show or hide the guideline' },
  { key: '/', command: 'find', text: 'find a label, with its examples' },
  { key: '?', command: 'keys', text: 'show these keys' },
  { key: 'Escape', command: 'cancel', text: 'close what is open' },
] as const;

const BY_KEY = new Map<string, (typeof KEYS)[number]['command']>(KEYS.map(({ key, command }) => [key, command]));

/** The position (0-19) that a digit key stands for: 1-9, 0, then the same with shift; keypad included. */
export function digit(press: Pick<Press, 'code' | 'shift'>): number | null {
  const found = /^(?:Digit|Numpad)(\d)$/.exec(press.code)?.[1];
  if (found === undefined) return null;
  return ((Number(found) + 9) % 10) + (press.shift ? 10 : 0);
}

/** What is printed on the key of the label at this position; empty when it has none. */
export function digitName(index: number): string {
  if (index >= 20) return '';
  return `${index >= 10 ? '⇧' : ''}${(index + 1) % 10}`;
}

/** The key of each label: its own hotkey, else its digit unless another label's hotkey took that. */
export function labelKeys(labels: readonly { hotkey?: string | undefined }[]): string[] {
  const taken = new Set(labels.map((label) => label.hotkey?.toLowerCase()).filter(Boolean));
  return labels.map((label, index) => {
    if (label.hotkey) return label.hotkey.toLowerCase();
    const name = digitName(index);
    return taken.has(name) ? '' : name;
  });
}

/**
 * Say what a key press means.
 *
 * A label's own hotkey wins over the page's keys, which win over nothing else: while text is typed only Escape is ours,
 * and on a button Enter and Space stay the button's.
 */
export function commandOf(press: Press, keys: readonly string[], enabled: 'all' | 'safe' = 'all'): Command | null {
  if (press.modified || press.repeat) return null;
  if (press.key === 'Escape') return { do: 'cancel' };
  if (press.focus === 'text') return null;
  if (press.focus === 'button' && (press.key === 'Enter' || press.key === ' ')) return null;
  // WCAG 2.1.4: keys that are single characters can be switched off.
  if (enabled === 'safe' && press.key.length === 1) return null;
  const typed = press.key.toLowerCase();
  const own = keys.indexOf(typed);
  if (own >= 0 && !press.shift) return { do: 'pick', index: own };
  const index = digit(press);
  if (index !== null) return keys[index] === digitName(index) ? { do: 'pick', index } : null;
  const command = BY_KEY.get(press.key) ?? BY_KEY.get(typed);
  return command ? ({ do: command } as Command) : null;
}

/** Read a browser's event into a `Press`. */
export function pressOf(event: KeyboardEvent): Press {
  const target = event.target instanceof Element ? event.target : null;
  const text = target?.closest('input, textarea, select, [contenteditable="true"]');
  const button = target?.closest('button, a[href], summary, [role="button"]');
  return {
    key: event.key,
    code: event.code,
    shift: event.shiftKey,
    modified: event.ctrlKey || event.altKey || event.metaKey || event.isComposing,
    repeat: event.repeat,
    focus: text ? 'text' : button ? 'button' : 'page',
  };
}
