/**
 * The words of a part of the page, in one place.
 *
 * In: a table of keys and English phrases. Out: a function from key to the phrase as the reader's language says it.
 * Never: a sentence put together from pieces, a plural made by adding a letter, a key that the table has not.
 *
 * A phrase is a text with holes, `'Version {n}'`. One that counts has two forms, chosen by the hole `n`:
 * `{ one: '{n} item', other: '{n} items' }`. Numbers in holes are written as the language writes them.
 */

import { say } from './speech';
import { count } from './words';

export type Phrase = string | { one: string; other: string };
export type Phrases = Record<string, Phrase>;
export type Holes = Record<string, string | number>;

/** The words of one part: `const t = catalog({...}); t('versions', { n: 3 })`. */
export function catalog<T extends Phrases>(table: T): (key: keyof T & string, holes?: Holes) => string {
  return (key, holes = {}) => {
    const phrase = table[key]!;
    return say(typeof phrase === 'string' ? phrase : holes.n === 1 ? phrase.one : phrase.other).replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = holes[name];
      return value === undefined ? whole : typeof value === 'number' ? count(value) : value;
    });
  };
}
