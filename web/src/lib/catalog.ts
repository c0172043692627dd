/**
 * The words of a part of the page, in one place and in a form that another language fits.
 *
 * In: a table of keys and English phrases; phrases of another language, if one is spoken. Out: a function from key to text.
 * Never: a sentence put together from pieces, a plural made by adding a letter, a key that the table has not.
 *
 * A phrase is a text with holes, `'Version {n}'`. One that counts has a form for each plural rule of its language, chosen by
 * the hole `n`: `{ one: '{n} item', other: '{n} items' }`. Numbers in holes are written as the language writes them.
 */

export type Forms = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;
export type Phrase = string | Forms;
export type Phrases = Record<string, Phrase>;
export type Holes = Record<string, string | number>;

/** A language: its tag, and the phrases of each part; what is missing is said in English. */
export interface Language {
  tag: string;
  parts: Record<string, Partial<Phrases>>;
}

const ENGLISH: Language = { tag: 'en-US', parts: {} };
let spoken = ENGLISH;
let rules = new Intl.PluralRules(ENGLISH.tag);
let numbers = new Intl.NumberFormat(ENGLISH.tag);

/** Speak another language from here on; nothing goes back to English. */
export function speak(language: Language | null): void {
  spoken = language ?? ENGLISH;
  rules = new Intl.PluralRules(spoken.tag);
  numbers = new Intl.NumberFormat(spoken.tag);
}

/** The tag of the language that is spoken, for days and times. */
export const tag = (): string => spoken.tag;

function fill(phrase: Phrase, plural: Intl.PluralRules, holes: Holes): string {
  const n = holes.n;
  const form = typeof phrase === 'string' ? phrase : ((typeof n === 'number' ? phrase[plural.select(n)] : undefined) ?? phrase.other);
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = holes[name];
    return value === undefined ? whole : typeof value === 'number' ? numbers.format(value) : value;
  });
}

const english = new Intl.PluralRules(ENGLISH.tag);

/** The words of one part: `const t = catalog('rules', {...}); t('versions', { n: 3 })`. */
export function catalog<T extends Phrases>(part: string, table: T): (key: keyof T & string, holes?: Holes) => string {
  return (key, holes = {}) => {
    const own = spoken.parts[part]?.[key];
    return own === undefined ? fill(table[key]!, english, holes) : fill(own, rules, holes);
  };
}

/** A day and a time as the language writes them. */
export function moment(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : at.toLocaleString(spoken.tag, { dateStyle: 'medium', timeStyle: 'short' });
}
