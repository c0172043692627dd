/**
 * What a person sees of a label: its name, its hue, how much room its rules get.
 *
 * In: labels of a question. Out: words, colors, a form. Never: the document.
 */

import type { Label } from './api';

/** How labels are laid out: with their definitions beside few, under some, and by name alone when there are many. */
export type Form = 'cards' | 'notes' | 'tiles';

/** Eight hues that people with any colour vision tell apart (Okabe and Ito, 2008). */
export const HUES = ['#E69F00', '#56B4E9', '#009E73', '#F0E442', '#0072B2', '#D55E00', '#CC79A7', '#8A8A8A'] as const;

/** What a person reads for a label. */
export function titleOf(label: Pick<Label, 'name' | 'title'>): string {
  return label.title || label.name;
}

export function hueOf(label: Pick<Label, 'color'>, index: number): string {
  return label.color || HUES[index % HUES.length]!;
}

/** More labels than this show their names alone. */
const WORDY_LABELS = 12;

export function formOf(labels: readonly Label[]): Form {
  if (labels.length > WORDY_LABELS || !labels.some((label) => label.definition)) return 'tiles';
  return labels.length > 6 ? 'notes' : 'cards';
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
