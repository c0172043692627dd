/**
 * Figures in few characters, for tables.
 *
 * In: numbers. Out: short strings, empty where there is none. Never: NaN.
 */

export { count } from '../words';

export const percentOf = (share: number | null | undefined): string =>
  share === null || share === undefined ? '' : `${Math.round(100 * share)} %`;
