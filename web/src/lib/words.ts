/**
 * Numbers and times as people read them.
 *
 * In: numbers, times. Out: short strings. Never: NaN; undefined is said in words.
 */

import { say, tag } from './speech';

export const count = (n: number): string => n.toLocaleString(tag());

/** '1 item', '2 items'. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${say(n === 1 ? one : many)}`;

/** A role in a project, as people name it. */
export const roleName = (role: string): string =>
  ({
    owner: say('owner'),
    manager: say('manager'),
    reviewer: say('reviewer'),
    annotator: say('annotator'),
    auditor: say('auditor'),
    service: say('service'),
  })[role] ?? role;

/** A share as percent with up to one digit behind the point. */
export const share = (value: number | null | undefined): string =>
  value === null || value === undefined ? say('not measured') : `${(Math.round(value * 1000) / 10).toLocaleString(tag())} %`;

export const decimal = (value: number | null | undefined, digits = 2): string =>
  value === null || value === undefined ? say('undefined') : value.toLocaleString(tag(), { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }).replace('-', '−');

/** '3.4 s', '2 min 5 s'. */
export function seconds(value: number | null): string {
  if (value === null) return say('none yet');
  if (value < 10) return `${value.toFixed(1)} s`;
  if (value < 60) return `${Math.round(value)} s`;
  return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

export function day(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime())
    ? iso
    : at.toLocaleDateString(tag(), { year: 'numeric', month: 'short', day: 'numeric' });
}

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  return n < 1e6 ? `${(n / 1e3).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`;
}
