// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest';
import type { Answer, Label, Question } from '../src/lib/answers';
import type { Editor, Emit, Shown } from '../src/lib/editors/contract';
import { mount, wordsOf } from '../src/lib/editors/text';
import { labelKeys } from '../src/lib/keys';
import * as drafts from '../src/lib/drafts';

const labels: Label[] = [{ name: 'PER', title: 'Person' }, { name: 'LOC', title: 'Place' }];
const question: Question = { name: 'names', kind: 'span', prompt: 'Names?', labels, overlap: 'none' };
const text = '😀 Ada met Ben.\nNothing here.\nNor here.\nNor here.\nRome it was.';
const ada = { start: 2, end: 5, label: 'PER' };
const ben = { start: 10, end: 13, label: 'PER' };

let host: HTMLElement;
let emit: ReturnType<typeof vi.fn<Emit>>;
let editor: Editor;

const item = (words = text) => ({ id: 'i', modality: 'text' as const, text: words, media_url: null, metadata: {} });
const show = (shown: Partial<Shown>, words?: string) =>
  editor.setTask({ task: { item: item(words), media: null }, value: null, suggestion: null, ...shown });
const tags = () => [...host.querySelectorAll<HTMLElement>('.gs-tag')].map((tag) => tag.dataset.words);
const events = (type: string) => emit.mock.calls.map(([event]) => event).filter((event) => event.type === type);
const lastAnswer = () => (emit.mock.calls.map(([event]) => event).filter((event) => event.type === 'answer').at(-1) as { answer: Answer }).answer;
const press = (key: string, how: KeyboardEventInit = {}) => editor.key!(new KeyboardEvent('keydown', { key, ...how }));
const spans = (...found: { start: number; end: number; label: string }[]): Answer => ({ kind: 'span', spans: found });

beforeEach(() => {
  host = document.createElement('div');
  document.body.replaceChildren(host);
  emit = vi.fn<Emit>();
  editor = mount(host, { question, keys: labelKeys(labels), emit });
});

test('what it is given is drawn under the text and comes back as it was', () => {
  show({ value: spans(ada, ben) });
  expect(tags()).toEqual(['Person', 'Person']);
  expect([...host.querySelectorAll('.gs-line')].map((line) => line.textContent).join('\n')).toBe(text);
  editor.command({ do: 'accept' });
  expect(lastAnswer()).toEqual(spans(ada, ben));
});

test('text and labels that look like markup are text', () => {
  const markup = '<img src=x onerror=alert(1)> <b>Ada</b>';
  show({ value: spans({ start: 32, end: 35, label: 'PER' }) }, markup);
  expect(host.querySelector('img, b')).toBeNull();
  expect(host.querySelector('.gs-span')?.firstChild?.textContent).toBe('Ada');
});

test('Enter takes what is suggested and sends it; x puts one aside first', () => {
  const answer = { kind: 'span' as const, spans: [{ ...ada, confidence: 0.9 }, { ...ben, confidence: 0.4 }] };
  show({ suggestion: { label: '', confidence: 0.8, source: 'tagger', answer } });
  expect(tags()).toEqual(['Person 90 %', 'Person 40 %']);
  expect(events('answer')).toHaveLength(0);
  editor.command({ do: 'reject' });
  editor.command({ do: 'accept' });
  expect(lastAnswer()).toEqual(spans(ben));
});

test('a suggested relation comes with its spans, and goes with one that is rejected or labeled otherwise', () => {
  const joined = { head: 'a', tail: 'b', label: 'knows' };
  const answer = { kind: 'span' as const, spans: [{ ...ada, id: 'a' }, { ...ben, id: 'b' }], relations: [joined] };
  const shown = { suggestion: { label: '', confidence: 0.8, source: 'tagger', answer } };
  show(shown);
  editor.command({ do: 'accept' });
  expect(lastAnswer()).toEqual(answer);
  show(shown);
  editor.command({ do: 'reject' });
  editor.command({ do: 'accept' });
  expect(lastAnswer()).toEqual(spans(ben));
  show({ ...shown, value: spans(ada, ben) }); // both were given before: whether they are joined was decided then
  editor.command({ do: 'accept' });
  expect(lastAnswer()).toEqual(spans(ada, ben));
});

test('suggestions that overlap where that is not allowed are taken once', () => {
  const answer = spans(ada, { start: 2, end: 9, label: 'LOC' });
  show({ suggestion: { label: '', confidence: 0.8, source: 'tagger', answer } });
  editor.command({ do: 'accept' });
  expect((lastAnswer() as { spans: unknown[] }).spans).toHaveLength(1);
});

test('an undo is the editor\'s while there is an act to take back, and then the page\'s', () => {
  show({ value: spans(ada, ben) });
  press(']');
  press('Delete');
  expect(tags()).toEqual(['Person']);
  expect(editor.command({ do: 'undo' })).toBe(true);
  expect(tags()).toHaveLength(2);
  expect(editor.command({ do: 'undo' })).toBe(false);
});

test('every act is said, and gives the value to be kept', () => {
  show({});
  press('Home');
  press('ArrowRight');
  editor.command({ do: 'pick', index: 0 });
  expect(events('say').at(-1)).toEqual({ type: 'say', text: 'Person: “Ada”' });
  expect(events('change').at(-1)).toEqual({ type: 'change', answer: spans(ada) });
});

test('no spans at all is an answer at the second Enter', () => {
  show({});
  editor.command({ do: 'accept' });
  expect(events('answer')).toHaveLength(0);
  editor.command({ do: 'accept' });
  expect(lastAnswer()).toEqual(spans());
});

test('beside another value only what differs is marked as such, and lines that agree are folded', () => {
  show({ value: spans(ada, ben), compareTo: spans(ada, { ...ben, label: 'LOC' }) });
  expect(tags()).toEqual(['Person', '+ Person', '− Place']);
  expect(host.querySelector<HTMLElement>('.gs-fold')?.textContent).toBe('3 lines without a difference');
  const hidden = [...host.querySelectorAll<HTMLElement>('.gs-line')].map((line) => line.hidden);
  expect(hidden).toEqual([false, false, true, true, true]);
  host.querySelector<HTMLButtonElement>('.gs-fold')!.click();
  expect([...host.querySelectorAll<HTMLElement>('.gs-line')].some((line) => line.hidden)).toBe(false);
  press(']');
  expect(press('Delete')).toBe(false);
  expect(editor.command({ do: 'pick', index: 0 })).toBe(false);
});

test('a question with bounds says how many it wants', () => {
  editor = mount(host, { question: { ...question, at_least: 2 }, keys: ['1', '2'], emit });
  show({ value: spans(ada) });
  editor.command({ do: 'accept' });
  expect(events('answer')).toHaveLength(0);
  expect(events('say').at(-1)).toEqual({ type: 'say', text: 'This question wants at least 2 spans' });
});

test('an answer in a few words', () => {
  expect([wordsOf(spans(ada)), wordsOf({ kind: 'abstain', reason: '' })]).toEqual(['1 span', 'Cannot decide']);
  editor.destroy();
  expect(host.childElementCount).toBe(0);
});

test('drafts of several questions are kept, the newest twenty, until they are sent', () => {
  vi.useFakeTimers();
  for (let n = 0; n < 25; n++) drafts.keep(`a${n}`, 'names', spans(ada));
  drafts.keep('a24', 'names', spans(ben));
  drafts.write();
  expect([drafts.read('a0', 'names'), drafts.read('a24', 'names')]).toEqual([null, spans(ben)]);
  drafts.drop('a24');
  expect(drafts.read('a24', 'names')).toBeNull();
  expect(drafts.read('a23', 'names')).toEqual(spans(ada));
  vi.useRealTimers();
});
