/**
 * What differs between two answers about one text.
 *
 * In: the plain spans of both. Out: those that both have, those of one side only. Never: a span that is counted twice.
 */

import type { Span as PlainSpan } from '../answers';

export interface SpanDiff {
  agreed: PlainSpan[];
  here: PlainSpan[];
  there: PlainSpan[];
}

const nameOf = (span: PlainSpan) => `${span.start} ${span.end} ${span.label}`;

/** Compare two lists of spans: equal means the same places and the same label. */
export function diffSpans(here: readonly PlainSpan[], there: readonly PlainSpan[]): SpanDiff {
  const others = new Set(there.map(nameOf));
  const own = new Set(here.map(nameOf));
  return {
    agreed: here.filter((span) => others.has(nameOf(span))),
    here: here.filter((span) => !others.has(nameOf(span))),
    there: there.filter((span) => !own.has(nameOf(span))),
  };
}
