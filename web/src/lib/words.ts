/**
 * Numbers, days and times as the page's language writes them: no other module asks the browser for their form.
 *
 * In: numbers, times. Out: short strings. Never: NaN; undefined is said in words.
 */

import { say, tag } from './speech';

export const count = (n: number): string => n.toLocaleString(tag());

/** With so many digits behind the point. */
export const fixed = (n: number, digits: number): string => n.toLocaleString(tag(), { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** A share as percent with so many digits behind the point. */
export const percent = (value: number, digits = 1): string => `${fixed(100 * value, digits)} %`;

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
  if (value < 10) return `${fixed(value, 1)} s`;
  if (value < 60) return `${Math.round(value)} s`;
  return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

function dated(iso: string, form: Intl.DateTimeFormatOptions): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : at.toLocaleString(tag(), form);
}

/** A day of the calendar, '2026-11-21', in full. */
export const spelled = (date: string): string => dated(`${date}T00:00:00Z`, { dateStyle: 'full', timeZone: 'UTC' });

export const day = (iso: string): string => dated(iso, { dateStyle: 'medium' });

/** A time of some day near to now, where room is short: no year. */
export const lately = (iso: string): string => dated(iso, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });

/** A day and a time of day. */
export const moment = (iso: string): string => dated(iso, { dateStyle: 'medium', timeStyle: 'short' });

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  return n < 1e6 ? `${fixed(n / 1e3, 1)} kB` : `${fixed(n / 1e6, 1)} MB`;
}
