/**
 * Questions and answers as the server reads and writes them: the forms of docs/reference/answers.md, as types.
 *
 * In: nothing. Out: one type per kind of answer, and the questions they belong to. Never: a check; the server checks.
 */

export type QuestionKind =
  | 'choice'
  | 'choices'
  | 'taxonomy'
  | 'rating'
  | 'number'
  | 'date'
  | 'text'
  | 'span'
  | 'box'
  | 'ellipse'
  | 'polygon'
  | 'polyline'
  | 'keypoints'
  | 'mask'
  | 'preference'
  | 'ranking'
  | 'best'
  | 'rubric'
  | 'key_values';

// Aliases, not interfaces: they may be passed where any mapping with a kind is taken.
// ---- answers ---------------------------------------------------------------------------------------------------------
export type ChoiceAnswer = {
  kind: 'choice';
  label: string;
};
export type ChoicesAnswer = {
  kind: 'choices';
  labels: string[];
};
/** Labels of a tree, each a path such as `animal/dog`. */
export type TaxonomyAnswer = {
  kind: 'taxonomy';
  labels: string[];
};
export type RatingAnswer = {
  kind: 'rating';
  value: number;
};
export type NumberAnswer = {
  kind: 'number';
  value: number;
};
/** `2026-05-01`, `09:30`, `09:30:15` or `2026-05-01T09:30`. */
export type DateAnswer = {
  kind: 'date';
  value: string;
};
export type TextAnswer = {
  kind: 'text';
  text: string;
};

/** Offsets count code points, not UTF-16 units; `end` is excluded. */
export interface Span {
  start: number;
  end: number;
  label: string;
  id?: string;
}
export interface Relation {
  head: string;
  tail: string;
  label: string;
}
export type SpanAnswer = {
  kind: 'span';
  spans: Span[];
  relations?: Relation[];
};

/** Turned clockwise about the top left corner, in degrees. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  label: string;
  rotation?: number;
}
export type BoxAnswer = {
  kind: 'box';
  boxes: Box[];
};
/** Turned clockwise about the center, in degrees. */
export interface Ellipse {
  cx: number;
  cy: number;
  rx: number;
  ry: number;
  label: string;
  rotation?: number;
}
export type EllipseAnswer = {
  kind: 'ellipse';
  ellipses: Ellipse[];
};
export type Point = [x: number, y: number];
export interface Polygon {
  points: Point[];
  holes?: Point[][];
  label: string;
}
export type PolygonAnswer = {
  kind: 'polygon';
  polygons: Polygon[];
};
export interface Polyline {
  points: Point[];
  label: string;
}
export type PolylineAnswer = {
  kind: 'polyline';
  polylines: Polyline[];
};
export type Keypoint = { name: string; sight: 'visible' | 'occluded'; x: number; y: number } | { name: string; sight: 'absent' };
export interface Pose {
  label: string;
  points: Keypoint[];
}
export type KeypointsAnswer = {
  kind: 'keypoints';
  poses: Pose[];
};
/** `counts`: COCO's compressed run lengths, down the columns; a list of numbers is taken, too, and comes back as text. */
export interface Mask {
  width: number;
  height: number;
  counts: string | number[];
  label: string;
}
export type MaskAnswer = {
  kind: 'mask';
  masks: Mask[];
};

/** `chosen` is a candidate's place from 0, null for a tie; `strength` is null where it is not asked, and for a tie. */
export type PreferenceAnswer = {
  kind: 'preference';
  chosen: number | null;
  strength: number | null;
};
/** Places of all candidates, best first; those in one list stand on the same step. */
export type RankingAnswer = {
  kind: 'ranking';
  order: number[][];
};
export type BestAnswer = {
  kind: 'best';
  chosen: number;
};
export interface Grade {
  turn: number | null;
  criterion: string;
  value: number;
}
export type RubricAnswer = {
  kind: 'rubric';
  grades: Grade[];
};
export type KeyValuesAnswer = {
  kind: 'key_values';
  pairs: { key: string; value: string | number | boolean }[];
};
export type AbstainAnswer = {
  kind: 'abstain';
  reason: string;
};

export type Answer =
  | ChoiceAnswer
  | ChoicesAnswer
  | TaxonomyAnswer
  | RatingAnswer
  | NumberAnswer
  | DateAnswer
  | TextAnswer
  | SpanAnswer
  | BoxAnswer
  | EllipseAnswer
  | PolygonAnswer
  | PolylineAnswer
  | KeypointsAnswer
  | MaskAnswer
  | PreferenceAnswer
  | RankingAnswer
  | BestAnswer
  | RubricAnswer
  | KeyValuesAnswer
  | AbstainAnswer;

/** The answer that a question of this kind takes, beside an abstention. */
export type AnswerOf<K extends QuestionKind> = Extract<Answer, { kind: K }>;

// ---- questions -------------------------------------------------------------------------------------------------------
export interface Label {
  name: string;
  title?: string;
  definition?: string;
  examples?: string[];
  counter_examples?: string[];
  edge_cases?: string[];
  disallowed?: string;
  color?: string;
  hotkey?: string;
}

/** On labels of a choice, choices or tree; or on the range of a rating or number, of which either end may be open. */
export interface AskIf {
  question: string;
  labels?: string[];
  at_least?: number | null;
  at_most?: number | null;
}

export interface RelationLabel {
  name: string;
  title?: string;
  definition?: string;
  directed?: boolean;
  heads?: string[];
  tails?: string[];
  color?: string;
  hotkey?: string;
}
export interface Skeleton {
  points: string[];
  edges: [string, string][];
}
export interface Criterion {
  name: string;
  title?: string;
  help?: string;
  minimum: number;
  maximum: number;
  low_title?: string;
  high_title?: string;
  required?: boolean;
}
export interface Key {
  name: string;
  kind: 'text' | 'number' | 'date' | 'choice' | 'flag';
  title?: string;
  help?: string;
  required?: boolean;
  several?: boolean;
  labels?: string[];
}

/** A question; the options of its kind are always there when it comes from the server, the others never. */
export interface Question {
  name: string;
  kind: QuestionKind;
  prompt?: string;
  help?: string;
  required?: boolean;
  labels?: Label[];
  ask_if?: AskIf;
  at_least?: number | null;
  at_most?: number | null;
  leaf_only?: boolean;
  minimum?: number | null;
  maximum?: number | null;
  low_title?: string;
  high_title?: string;
  unit?: string;
  integer?: boolean;
  step?: number | null;
  date_form?: 'date' | 'time' | 'datetime';
  earliest?: string;
  latest?: string;
  max_length?: number;
  lines?: number;
  overlap?: 'none' | 'nested' | 'any';
  relations?: RelationLabel[];
  skeleton?: Skeleton | null;
  ties?: boolean;
  strengths?: number;
  criteria?: Criterion[];
  turns?: 'whole' | 'each' | 'assistant';
  keys?: Key[];
}

// ---- what an item shows ----------------------------------------------------------------------------------------------
export type Modality = 'text' | 'image' | 'html' | 'chat' | 'candidates' | 'table';

export interface Turn {
  role: string;
  text: string;
}
/** `text` of a chat, parsed. */
export type Chat = Turn[];
/** `text` of an item of candidates, parsed. */
export interface Candidates {
  prompt: string | Turn[];
  candidates: string[];
}
/** `text` of a table, parsed. */
export interface Table {
  columns: string[];
  rows: (string | number | boolean | null)[][];
}
