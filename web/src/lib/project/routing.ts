/**
 * What may be accepted unseen, as a page shows it: certificates with the audit that they rest on.
 *
 * In: a project's id. Out: certificates, places in a chart. Never: an error without how many items it was measured on.
 */

import { at, call } from '../api';

export interface Point {
  threshold: number;
  coverage: number;
  n: number;
  wrong: number;
  low: number;
  high: number;
}
export interface Certificate {
  id: string;
  round: number;
  split: 'all' | 'label' | 'segment';
  group: string;
  state: 'open' | 'closed' | 'replaced' | 'not opened';
  threshold: number | null;
  error: number;
  delta: number;
  n: number;
  wrong: number;
  pool: number;
  size: number;
  upper: number | null;
  reason: string;
  accepted: number;
  fixed: { threshold: number; n: number; wrong: number; low: number; high: number; whole: boolean } | null;
  curve: Point[];
  beside: Point[];
  checks: { n: number; wrong: number; low: number; high: number; evidence: number } | null;
  at: string;
}

export const certificates = (project: string) => call<Certificate[]>(at(project, '/certificates'));

/** The newest of each group comes first; those that were replaced are left out where a newer one is there. */
export function shown(found: readonly Certificate[]): Certificate[] {
  const newest = new Map<string, Certificate>();
  for (const one of found) newest.set(`${one.split} ${one.group}`, one);
  const closed = found.filter((one) => one.state === 'closed' && newest.get(`${one.split} ${one.group}`) !== one);
  return [...newest.values(), ...closed];
}

/** The share of those looked at that were wrong. */
export const wrongShare = ({ n, wrong }: Pick<Point, 'n' | 'wrong'>): number => (n ? wrong / n : 0);

/** The chosen point: how much of the pool the certificate accepts, and at most how much of it is wrong. */
export const chosen = (one: Certificate): { coverage: number; upper: number } | null =>
  one.threshold === null || one.upper === null || !one.pool ? null : { coverage: one.size / one.pool, upper: one.upper };

/** How high the chart goes: what is promised lies in its lower half, and no measured share lies above it. */
export function ceiling(one: Certificate): number {
  const most = Math.max(2 * one.error, ...one.curve.map(wrongShare), ...one.beside.map(wrongShare));
  return Math.min(1, Math.ceil(most * 20 + 0.5) / 20);
}
