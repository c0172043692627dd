/**
 * Numbers and times as people read them.
 *
 * In: numbers, times. Out: short strings. Never: NaN; undefined is said in words.
 */

const whole = new Intl.NumberFormat('en-US');

export const count = (n: number): string => whole.format(n);

/** '1 item', '2 items'. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** A share as percent with up to one digit behind the point. */
export const share = (value: number | null | undefined): string =>
  value === null || value === undefined ? 'not measured' : `${Math.round(value * 1000) / 10} %`;

export const decimal = (value: number | null | undefined, digits = 2): string =>
  value === null || value === undefined ? 'undefined' : value.toFixed(digits);

/** '3.4 s', '2 min 5 s'. */
export function seconds(value: number | null): string {
  if (value === null) return 'none yet';
  if (value < 10) return `${value.toFixed(1)} s`;
  if (value < 60) return `${Math.round(value)} s`;
  return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

export function day(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime())
    ? iso
    : at.toLocaleDateString('en-US', { year: 'numeric', month: 'short', day: 'numeric' });
}

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  return n < 1e6 ? `${(n / 1e3).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`;
}
