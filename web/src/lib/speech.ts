/**
 * The language of the page: which one this browser wants, and its dictionary.
 *
 * In: an English phrase, with holes `{0}`, `{1}` for what stands in it. Out: the phrase as the reader's language says it; English
 * where the dictionary lacks it. Never: a key in place of words. The build puts the calls in (`scripts/speech.mjs`).
 */

/** Languages by their tag, as they name themselves. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

const KEPT = 'goldseam.language';
const DICTIONARIES = { de: () => import('./languages/de') };

type Tongue = Awaited<ReturnType<(typeof DICTIONARIES)['de']>>;
let tongue: Tongue | null = null;
let spoken: Language = 'en';

/** The tag for numbers, days and times. */
export const tag = (): string => (spoken === 'en' ? 'en-US' : spoken);

export const language = (): Language => spoken;

const isLanguage = (name: string | null | undefined): name is Language => !!name && Object.hasOwn(LANGUAGES, name);

/** What this browser was told, else the first of its languages that there is a dictionary for. */
function wanted(): Language {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEPT);
  } catch {
    // Without storage the browser's own choice holds.
  }
  if (isLanguage(kept)) return kept;
  return navigator.languages.map((each) => each.split('-')[0]).find(isLanguage) ?? 'en';
}

/** Speak a language; a dictionary that cannot be had leaves English. */
export async function speak(name: Language = wanted()): Promise<void> {
  tongue = null;
  spoken = name;
  if (name !== 'en') {
    try {
      tongue = await DICTIONARIES[name]();
    } catch {
      spoken = 'en';
    }
  }
  if (typeof document !== 'undefined') document.documentElement.lang = spoken;
}

/** Keep a choice; the page is loaded again, since words that are on it are not said twice. */
export function choose(name: Language): void {
  try {
    localStorage.setItem(KEPT, name);
  } finally {
    location.reload();
  }
}

/** A phrase in the reader's language. */
export function say(text: string, ...holes: unknown[]): string {
  const found = (tongue?.phrases as Readonly<Record<string, string>> | undefined)?.[text] || text;
  return holes.length === 0 ? found : found.replace(/\{(\d+)\}/g, (_, at: string) => String(holes[Number(at)] ?? ''));
}

/** A sentence of the server, in the reader's language. */
export const told = (text: string): string => tongue?.told(text) ?? text;

/** Why the server refused, in the reader's language: by the error's code, with what its own sentence says. */
export const refused = (code: string, text: string, fields: Readonly<Record<string, unknown>> = {}): string => tongue?.refused(code, text, fields) ?? text;
