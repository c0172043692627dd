/** The page in other languages: what is found in a source, what is left alone, and what a reader is told. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { compile } from 'svelte/compiler';
import { afterEach, expect, test } from 'vitest';
import { component, module } from '../scripts/speech.mjs';
import { say, speak } from '../src/lib/speech';

const said = (markup: string): string[] => [...component(markup, 'x.svelte').found.keys()];
const saidBy = (code: string): string[] => [...module(code, 'x.ts').found.keys()];

afterEach(() => speak('en'));

test('text and what stands in it are one phrase; elements part phrases', () => {
  expect(said('<p>Round {n} of {m}</p>')).toEqual(['Round {0} of {1}']);
  expect(said('<p>\n  Press <kbd>F</kbd> to flag it.\n</p>')).toEqual(['Press', 'to flag it.']);
  expect(component('<p>\n  Round {n}\n</p>', 'x.svelte').code.toString()).toContain('<p>\n  {_say("Round {0}", n)}\n</p>');
});

test('attributes that are read are said, others are not', () => {
  expect(said('<img alt="A cat" class="Big one" src="/A b" id="The id" /><button title="Go to {x}">x</button>')).toEqual(['A cat', 'Go to {0}']);
});

test('code, keys and what must not be translated stay', () => {
  expect(said('<code>git push it</code><kbd>Ctrl Enter</kbd><p translate="no">Stay as it is</p>')).toEqual([]);
});

test('a word that a condition shows is said; one that is compared, a class or an address is not', () => {
  expect(said(`<p class={on ? 'a b' : 'c d'}>{kind === 'Open it' ? 'Close' : 'Open'}</p>`)).toEqual(['Close', 'Open']);
  expect(saidBy(`const a = 'Take it away.'; const b = 'gs-a gs-b'; const c = '/p/1 x'; if (x === 'not this one') throw new Error('Nor this one');`)).toEqual([
    'Take it away.',
  ]);
});

test('a template with holes is one phrase, and nested ones are said, too', () => {
  const { code, found } = module("const text = `${n} of ${on ? 'the last' : 'the first'} items`;", 'x.ts');
  expect([...found.keys()]).toEqual(['the last', 'the first', '{0} of {1} items']);
  expect(code.toString()).toContain(`_say("{0} of {1} items", n, on ? _say("the last") : _say("the first"))`);
});

test('nouns that are counted are said in both forms', () => {
  expect(saidBy(`plural(n, 'item'); plural(n, 'entry', 'entries');`)).toEqual(['item', 'items', 'entry', 'entries']);
});

test('what is told to the live region is said, and a table of words is listed for translators', () => {
  expect(saidBy(`this.say('Moved'); onsay(on ? 'Taken' : 'Put back');`)).toEqual(['Moved', 'Taken', 'Put back']);
  expect(saidBy(`const t = catalog({ one: 'Rules', many: { one: '{n} rule', other: '{n} rules' } });`)).toEqual(['Rules', '{n} rule', '{n} rules']);
});

test('what is changed is still the same program', () => {
  for (const name of ['parts/Skip.svelte', 'parts/Rest.svelte', 'manage/Members.svelte']) {
    const source = readFileSync(new URL(`../src/lib/${name}`, import.meta.url), 'utf8');
    expect(() => compile(component(source, name).code.toString(), { filename: name })).not.toThrow();
  }
});

test('a phrase without a translation is said in English, holes are filled in any order', async () => {
  expect(say('Round {0} of {1}', 2, 'x')).toBe('Round 2 of x');
  expect(say('{1} before {0}', 1, 2)).toBe('2 before 1');
  await speak('de');
  expect(say('never said anywhere')).toBe('never said anywhere');
}, 60_000);

test('every phrase of the page has its translation: npm run words lists what is new', () => {
  expect(() => execFileSync('node', ['scripts/words.mjs', '--check'], { stdio: 'pipe' })).not.toThrow();
}, 120_000);
