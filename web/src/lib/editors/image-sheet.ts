/**
 * What the editor of shapes knows of one image, and what it tells: shapes, the current one, the bar, the table.
 *
 * In: an item with its value. Out: dress of shapes, words, `change` events. Never: an act of a person (`image-acts`), or an
 * event (`image-hands`).
 */

import type { Answer, Label, Point } from '../answers';
import { hueOf, percent, titleOf } from '../labels';
import { say } from '../speech';
import { plural } from '../words';
import type { EditorOptions, Shown } from './contract';
import { type BrushMode, ImageBar } from './image-bar';
import { ImageTable } from './image-table';
import { type Dress, ImageView } from './image-view';
import { Draft, type Way } from './shape-draft';
import { answerOf, boundsOf, type Form, likeness, type Labeled, type ShapeKind, shapesOf, type Size } from './shape-forms';
import { type Shape, type ShapeAct, Stack } from './shape-stack';

export const NOUNS: Record<ShapeKind, string> = { box: 'box', ellipse: 'ellipse', polygon: 'polygon', polyline: 'polyline', keypoints: 'pose', mask: 'mask' };
const COUNTED: Record<ShapeKind, (n: number) => string> = {
  box: (n) => plural(n, 'box', 'boxes'),
  ellipse: (n) => plural(n, 'ellipse'),
  polygon: (n) => plural(n, 'polygon'),
  polyline: (n) => plural(n, 'polyline'),
  keypoints: (n) => plural(n, 'pose'),
  mask: (n) => plural(n, 'mask'),
};
export const counted = (n: number, kind: ShapeKind): string => COUNTED[kind](n);
/** Above this many shapes their value is told once things are quiet, not with each act. */
const MANY = 500;
const QUIET_MS = 400;

/** The shapes last sent per question, for the next image. */
const kept = new Map<string, readonly Labeled[]>();

export abstract class Sheet {
  protected readonly root = document.createElement('div');
  protected readonly view: ImageView;
  protected readonly bar: ImageBar;
  protected readonly table: ImageTable;
  protected readonly labels: readonly Label[];
  protected readonly kind: ShapeKind;
  protected readonly noun: string;
  private readonly byName = new Map<string, { label: Label; index: number }>();
  protected stack: Stack;
  protected shown: Shown = { value: null, suggestion: null };
  protected current: number | null = null;
  /** A point of the current shape that keys move; -1 for the whole shape. */
  protected vertex = -1;
  protected hovered: number | null = null;
  protected pen = 0;
  protected draft: Draft | null = null;
  protected way: Way = 'corners';
  protected brush = { radius: 8, mode: 'paint' as BrushMode };
  /** The current shape while it is being changed. */
  protected live: Form | null = null;
  protected cursor: Point = [0, 0];
  protected cursorSeen = false;
  protected twin = false;
  protected lens = false;
  protected light = { open: false, brightness: 1, contrast: 1 };
  protected sureOfNone = false;
  private sides: Map<number, 'agreed' | 'mine'> | null = null;
  private telling: ReturnType<typeof setTimeout> | null = null;

  constructor(protected readonly options: EditorOptions) {
    const { question } = options;
    this.kind = question.kind as ShapeKind;
    this.noun = say(NOUNS[this.kind]);
    this.labels = question.labels ?? [];
    this.labels.forEach((label, index) => this.byName.set(label.name, { label, index }));
    this.stack = new Stack({ width: 1, height: 1 });
    this.view = new ImageView({
      within: (rect) => this.stack.within(rect),
      dress: (shape) => this.dress(shape),
      groupOf: ({ key, label, state }) => `${state} ${this.sides?.get(key) ?? ''} ${label}`,
      over: (pen) => this.drawOver(pen),
    });
    this.bar = new ImageBar(options, this.kind, this.pressed());
    this.table = new ImageTable({
      noun: this.noun,
      labels: this.labels,
      count: () => this.stack.count,
      rows: (from, to) => this.stack.rows(from, to),
      placeOf: (key) => this.stack.placeOf(key),
      current: () => this.current,
      ...this.typed(),
      readonly: () => this.fixed,
    });
  }

  protected abstract pressed(): ConstructorParameters<typeof ImageBar>[2];
  protected abstract typed(): Pick<ConstructorParameters<typeof ImageTable>[0], 'pick' | 'change' | 'relabel' | 'remove'>;
  protected abstract drawOver(pen: CanvasRenderingContext2D): void;

  protected get fixed(): boolean {
    return Boolean(this.shown.readonly || this.shown.compareTo);
  }
  /** A press paints or erases: it places no point. */
  protected get strokes(): boolean {
    return this.kind === 'mask' && (this.brush.mode === 'paint' || this.brush.mode === 'erase');
  }
  protected get image(): Size {
    return this.view.image;
  }
  protected get chosen(): Shape | undefined {
    return this.stack.get(this.current);
  }

  protected fill(value: Answer | null): void {
    const skeleton = this.options.question.skeleton ?? null;
    this.stack = new Stack(this.image, skeleton);
    this.current = this.hovered = this.draft = this.live = this.view.lifted = null;
    this.vertex = -1;
    this.sureOfNone = false;
    const { suggestion, compareTo } = this.shown;
    const shapes: Shape[] = shapesOf(value, skeleton).map(({ form, label }) => ({ form, label, key: this.stack.fresh(), state: 'given' }));
    this.sides = null;
    if (compareTo) shapes.push(...this.compare(shapes, shapesOf(compareTo, skeleton)));
    // What a person made of a suggestion stands for all of it.
    else if (suggestion?.answer && value === null) {
      for (const { form, label, confidence } of shapesOf(suggestion.answer, skeleton)) {
        shapes.push({ form, label, key: this.stack.fresh(), state: 'suggested', confidence: confidence ?? suggestion.confidence });
      }
    }
    const started = performance.now();
    this.stack.lay(shapes);
    performance.measure?.('shapes laid', { start: started });
    this.cursor = [Math.round(this.image.width / 2), Math.round(this.image.height / 2)];
    this.cursorSeen = false;
    this.view.redrawAll();
  }

  /** What both have is agreed; what only the other has is laid beside. */
  private compare(mine: readonly Shape[], others: readonly Labeled[]): Shape[] {
    this.sides = new Map(mine.map(({ key }) => [key, 'mine']));
    const open = new Stack(this.image);
    open.lay(mine);
    const gone = new Set<number>();
    return others.flatMap(({ form, label }) => {
      const bounds = boundsOf(form);
      const twin = open.within(bounds).find((one) => !gone.has(one.key) && one.label === label && likeness(bounds, open.boundsOf(one.key)) > 0.999 && same(one.form, form));
      if (twin) {
        gone.add(twin.key);
        this.sides!.set(twin.key, 'agreed');
        return [];
      }
      return [{ form, label, key: this.stack.fresh(), state: 'other' as const }];
    });
  }

  protected titled(label: string): string {
    return titleOf(this.byName.get(label)?.label ?? { name: label });
  }

  protected dress(shape: Pick<Shape, 'key' | 'label' | 'state' | 'confidence'>): Dress {
    const known = this.byName.get(shape.label);
    const hue = known ? hueOf(known.label, known.index) : '#8a8a8a';
    const sure = shape.confidence === undefined ? '' : ` ${percent(shape.confidence)}`;
    const side = this.sides?.get(shape.key);
    const also = side === 'mine' ? ' · only here' : shape.state === 'other' ? ' · only there' : '';
    const dash = shape.state === 'suggested' ? 'dashed' : shape.state === 'other' ? 'dotted' : 'whole';
    return { hue, tag: `${this.titled(shape.label)}${sure}${also}`, dash, faint: side === 'agreed' };
  }

  protected say(text: string): true {
    this.options.emit({ type: 'say', text });
    return true;
  }

  protected answer(): Answer {
    return answerOf(this.kind, this.stack.all().filter((one) => one.state === 'given'));
  }

  /** Keep what was given, for the next image. */
  protected keep(): void {
    kept.set(this.options.question.name, this.stack.all().filter((one) => one.state === 'given').map(({ form, label }) => ({ form, label })));
  }
  protected get before(): readonly Labeled[] {
    return kept.get(this.options.question.name) ?? [];
  }

  /** Show what an act came to, and tell the value. */
  protected touched(act: ShapeAct): void {
    this.sureOfNone = false;
    const changed = [...act.removed, ...act.added];
    if (changed.length > 40) this.view.redrawAll();
    else for (const { form } of changed) this.view.redraw(boundsOf(form));
    if (!this.chosen) {
      this.current = null;
      this.vertex = -1;
    }
    if (this.hovered !== null && !this.stack.get(this.hovered)) this.hovered = null;
    this.tell();
    if (this.telling) clearTimeout(this.telling);
    if (this.stack.count > MANY) this.telling = setTimeout(() => this.tellValue(), QUIET_MS);
    else this.tellValue();
  }

  protected tellValue(): void {
    if (this.telling) clearTimeout(this.telling);
    this.telling = null;
    this.options.emit({ type: 'change', answer: this.answer() });
  }
  protected get untold(): boolean {
    return this.telling !== null;
  }

  /** The bar and the table as things stand. */
  protected tell(): void {
    const { chosen } = this;
    const held = chosen ? (this.byName.get(chosen.label)?.index ?? null) : null;
    const { open } = this.stack;
    this.bar.show({
      chosen: held ?? this.pen,
      current: chosen !== undefined,
      count: this.stack.count - open,
      open,
      suggestion: this.shown.suggestion,
      fixed: this.fixed,
      way: this.way,
      brush: this.brush,
      draft: this.draft ? `Next: ${this.draft.ask}` : '',
      drawing: this.draft !== null,
      twin: this.twin,
      lens: this.lens,
      light: this.light,
      zoom: this.view.zoom,
      copies: this.before.length,
    });
    if (this.twin) this.table.follow();
    this.view.redrawOver();
  }
}

/** Equal to the number. */
export const same = (a: Form, b: Form) => JSON.stringify(answerOf(a.kind, [{ form: a, label: '' }])) === JSON.stringify(answerOf(b.kind, [{ form: b, label: '' }]));
