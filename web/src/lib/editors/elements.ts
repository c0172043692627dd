/**
 * The elements that every editor is made of.
 *
 * In: tags, classes, words, keys. Out: elements. Never: a state, or words as markup.
 */

import './keycap.css';

export function make<K extends keyof HTMLElementTagNameMap>(tag: K, className = '', text = ''): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** The cap of a key, for the eye alone: what reads the page aloud has the key from `aria-keyshortcuts` or the help. */
export function keyCap(key: string, className = ''): HTMLElement {
  const cap = make('kbd', className, key.length === 1 ? key.toUpperCase() : key);
  cap.setAttribute('aria-hidden', 'true');
  return cap;
}
