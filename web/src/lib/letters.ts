/**
 * Letters of candidates.
 *
 * In: a place from 0. Out: A, B ... Z, AA. Never: a letter that two places share.
 */
export const letterOf = (place: number): string =>
  place < 26 ? String.fromCharCode(65 + place) : `${letterOf(Math.floor(place / 26) - 1)}${letterOf(place % 26)}`;
