/**
 * Labeling functions as a page shows them: calls, and shares in words.
 *
 * In: a project's id. Out: what the set that was applied last is worth. Never: a share without what it was measured on.
 */
import { at, call } from '../api';
import { say } from '../speech';
import { count, percent } from '../words';

export interface Share {
  value: number | null;
  low: number;
  high: number;
  right: number;
  n: number;
}
export interface LabelingFunction {
  name: string;
  kind: 'keywords' | 'pattern' | 'lookup' | 'python';
  labels: string[];
  n_votes: number;
  coverage: number;
  overlaps: number;
  conflicts: number;
  accuracy: Share;
  learned: number | null;
  faults: Record<string, number>;
  wrong: { said: string; of: string; n: number }[];
}
export interface FunctionSet {
  at: string;
  suggests: boolean;
  n_items: number;
  n_covered: number;
  n_gold: number;
  accuracy: Share;
  functions: LabelingFunction[];
  correlated: { first: string; second: string; repeats: number }[];
  warnings: string[];
}
export interface Doubt {
  item: string;
  said: string;
  of: string;
  by: 'gold' | 'others';
  text: string;
}

export const functions = {
  list: (project: string) => call<FunctionSet | null>(at(project, '/functions')),
  doubts: (project: string, name: string) => call<Doubt[]>(at(project, `/functions/${encodeURIComponent(name)}`)),
};

/** A share with one decimal where it is small, so that a rare function is not one that never speaks. */
export const share = (value: number): string => percent(value, value > 0 && value < 0.1 ? 1 : 0);

/** What a share on gold is, in one line. */
export const onGold = ({ value, low, high, right, n }: Share): string =>
  value === null ? say('no gold here') : say('{0} of {1} right, between {2} and {3}', count(right), count(n), share(low), share(high));

export const failed = (one: LabelingFunction): number => Object.values(one.faults).reduce((sum, n) => sum + n, 0);
