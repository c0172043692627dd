// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest';
import type { Answer, Box, Label, Question } from '../src/lib/answers';
import type { Editor, Emit, Shown } from '../src/lib/editors/contract';
import { mount, wordsOf } from '../src/lib/editors/image';
import { labelKeys } from '../src/lib/keys';

const labels: Label[] = [{ name: 'cat', title: 'Cat' }, { name: 'dog', title: 'Dog' }];
const question: Question = { name: 'animals', kind: 'box', prompt: 'Animals?', labels, at_most: 3 };
const boxes = (...found: Box[]): Answer => ({ kind: 'box', boxes: found });
const box = (x: number, label = 'cat'): Box => ({ x, y: 10, width: 20, height: 20, label });

let host: HTMLElement;
let emit: ReturnType<typeof vi.fn<Emit>>;
let editor: Editor;

const media = () => ({ image: new Image(), width: 200, height: 100, release: () => {} });
const item = { id: 'i', modality: 'image' as const, text: 'hash', media_url: '/m', metadata: {} };
const show = (shown: Partial<Shown>) => editor.setTask({ task: { item, media: media() }, value: null, suggestion: null, ...shown });
const events = <T extends string>(type: T) => emit.mock.calls.map(([event]) => event).filter((event) => event.type === type);
const last = () => (events('answer').at(-1) as { answer: Answer } | undefined)?.answer;
const said = () => (events('say').at(-1) as { text: string } | undefined)?.text;
const press = (...keys: string[]) => keys.map((key) => editor.key!(new KeyboardEvent('keydown', { key })));

beforeEach(() => {
  host = document.createElement('div');
  document.body.replaceChildren(host);
  emit = vi.fn<Emit>();
  editor = mount(host, { question, keys: labelKeys(labels), emit });
});

test('what it is given comes back as it was, and only what a person did is undone', () => {
  show({ value: boxes(box(10), box(50, 'dog')) });
  expect(editor.command({ do: 'undo' })).toBe(false);
  press(']', 'ArrowRight', 'ArrowRight');
  expect(said()).toBe('Moved: Cat at 12, 10, 20 by 20');
  editor.command({ do: 'undo' });
  editor.command({ do: 'accept' });
  expect(last()).toEqual(boxes(box(10), box(50, 'dog')));
});

test('suggestions are no answer until they are taken; what a person changed is theirs', () => {
  const answer = { kind: 'box' as const, boxes: [{ ...box(10), confidence: 0.9 }, { ...box(50), confidence: 0.4 }, box(90)] };
  show({ suggestion: { label: '', confidence: 0.8, source: 'detector', answer } });
  expect(events('answer')).toHaveLength(0);
  press(']', ']');
  editor.command({ do: 'reject' });
  expect(said()).toContain('Rejected');
  press('[');
  editor.command({ do: 'pick', index: 1 });
  expect(events('change').at(-1)).toEqual({ type: 'change', answer: boxes(box(10, 'dog')) });
  editor.command({ do: 'accept' });
  expect(last()).toEqual(boxes(box(10, 'dog'), box(90)));
});

test('too many are not sent, and nothing only when it was meant', () => {
  show({ value: boxes(box(0), box(30), box(60), box(90)) });
  editor.command({ do: 'accept' });
  expect(said()).toBe('This question takes at most 3 boxes; there are 4');
  show({});
  editor.command({ do: 'accept' });
  expect(events('answer')).toHaveLength(0);
  editor.command({ do: 'accept' });
  expect(last()).toEqual(boxes());
});

test('the shapes of the image before are copied as one act', () => {
  show({ value: boxes(box(10), box(50, 'dog')) });
  editor.command({ do: 'accept' });
  show({});
  press('c');
  expect(said()).toBe('Copied: 2 boxes');
  editor.command({ do: 'accept' });
  expect(last()).toEqual(boxes(box(10), box(50, 'dog')));
  show({});
  press('c');
  editor.command({ do: 'undo' });
  expect(events('change').at(-1)).toEqual({ type: 'change', answer: boxes() });
});

test('beside another value it says what differs, and changes nothing', () => {
  show({ value: boxes(box(10), box(50)), compareTo: boxes(box(10), box(90, 'dog')) });
  press('t', ']', 'ArrowRight', 'Delete');
  expect(events('change')).toHaveLength(0);
  const rows = [...host.querySelectorAll('.gs-shape-table tbody tr')];
  expect(rows).toHaveLength(3);
  expect(rows[2]!.textContent).toContain('Dog · only there');
  expect([...host.querySelectorAll<HTMLInputElement>('.gs-shape-table input')].every((field) => field.disabled)).toBe(true);
});

test('labels that look like markup are text, and a label keeps its own key', () => {
  const odd = [{ name: 'a', title: '<img src=x>', hotkey: 'n' }];
  editor = mount(host, { question: { ...question, labels: odd }, keys: labelKeys(odd), emit });
  show({ value: boxes(box(10, 'a')) });
  press('t');
  expect(host.querySelectorAll('.gs-image-bar img, table img')).toHaveLength(0);
  expect(press('n')).toEqual([false]);
});

test('an answer in words', () => {
  expect(wordsOf(boxes(box(1), box(2)))).toBe('2 boxes');
  expect(wordsOf({ kind: 'mask', masks: [] })).toBe('0 masks');
});
