/** What the server says, in German: by its form, by an error's code, and never with a fact lost. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REFUSED, TOLD } from '../src/lib/languages/server.de';
import { refused, speak, told } from '../src/lib/speech';

const SERVER = join(import.meta.dirname, '..', '..', 'src', 'goldseam');
const read = (...path: string[]): string => readFileSync(join(SERVER, ...path), 'utf8');

beforeAll(() => speak('de'), 60_000);
afterAll(() => speak('en'));

test('every code that the server can refuse with has a sentence, and no sentence is for none', () => {
  const codes = [...read('vocab', 'errors.py').matchAll(/^class (\w+)\(/gm)].map(([, name]) => name!);
  expect(codes.length).toBeGreaterThan(20);
  expect(Object.keys(REFUSED).sort()).toEqual([...codes, 'Unexpected'].sort());
});

test('what is told of an error by its code alone keeps the words of the server beside it', () => {
  expect(refused('NotReady', 'Settle 3 things first.')).toBe('Dafür ist das Projekt noch nicht bereit. (Settle 3 things first.)');
  expect(refused('TooManyTries', 'Too many failed sign-ins.', { retry_after: 30 })).toBe('Zu viele Anmeldeversuche. Bitte warten Sie 30 Sekunden.');
  expect(refused('TooManyTries', 'Too many failed sign-ins.')).toContain('(Too many failed sign-ins.)');
  expect(refused('NeverHeardOf', 'Something else.')).toBe('Something else.');
});

test('a sentence of known form is told with what stands in it, numbers as German writes them', () => {
  expect(told('Collect 1,200 answers (900 given so far).')).toBe('1.200 Antworten sammeln (bisher 900).');
  expect(told('Alpha is 0.31, below 0.4: people read the labels differently. Most often confused: a and b.')).toContain('Alpha ist 0,31, unter 0,4');
  expect(refused('Conflict', 'This was decided already; look at it again.')).toBe('Das wurde schon entschieden; sehen Sie es sich noch einmal an.');
  expect(told('Nobody has said this before.')).toBe('Nobody has said this before.');
});

test('each sentence has the same holes in both languages, and is found by its own form', () => {
  const holes = (text: string) => [...new Set(text.match(/\{\d\}/g))].sort();
  for (const [english, german] of TOLD) {
    expect(holes(german), english).toEqual(holes(english));
    expect(told(english), english).toBe(german);
  }
});

test('the steps of a round are told as the server writes them', () => {
  const plan = read('flow', 'plan.py');
  for (const words of ['Draw from what the sources bring.', 'Measure agreement and accuracy.', 'Publish a release.', 'Train the first model.']) {
    expect(plan).toContain(`"${words}"`);
    expect(told(words)).not.toBe(words);
  }
});

test('in English nothing of it is changed', async () => {
  await speak('en');
  expect(refused('NotReady', 'Settle 3 things first.')).toBe('Settle 3 things first.');
  expect(told('Publish a release.')).toBe('Publish a release.');
  await speak('de');
});
