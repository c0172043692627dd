/**
 * The bar over an image: labels with their keys, tools, what is suggested, what can be done now.
 *
 * In: the editor's state. Out: what a person pressed. Never: a state of its own.
 */

import { say, told } from '../speech';
import type { Label } from '../answers';
import type { Suggestion } from '../api';
import { hueOf, percent, titleOf } from '../labels';
import { count } from '../words';
import type { EditorOptions } from './contract';
import { keyCap, make } from './elements';
import type { ShapeKind } from './shape-forms';
import type { Way } from './shape-draft';

/** More labels than this are found by name (the page's `/`). */
export const SHOWN_LABELS = 20;

export interface ImageBarActs {
  label(index: number): void;
  start(): void;
  way(): void;
  brush(mode: BrushMode): void;
  radius(radius: number): void;
  remove(): void;
  copy(): void;
  lens(): void;
  lightPanel(): void;
  lit(brightness: number, contrast: number): void;
  zoom(factor: number): void;
  table(): void;
  accept(): void;
  reject(): void;
  done(): void;
  look(label: Label | null): void;
}

export interface ImageBarState {
  chosen: number;
  current: boolean;
  count: number;
  open: number;
  suggestion: Suggestion | null;
  fixed: boolean;
  way: Way;
  brush: { radius: number; mode: BrushMode };
  draft: string;
  drawing: boolean;
  twin: boolean;
  lens: boolean;
  light: { open: boolean; brightness: number; contrast: number };
  zoom: number;
  copies: number;
}

const MODES = { paint: [say('Brush'), 'B'], erase: [say('Eraser'), 'E'], fill: [say('Outline'), 'P'], object: ['Object in a box', 'O'] } as const;
/** What a press on an image of masks does. */
export type BrushMode = keyof typeof MODES;

export class ImageBar {
  readonly element = make('div', 'gs-image-bar');
  private readonly chips: HTMLButtonElement[];
  /** What is asked for next, or how much there is; it stands in a corner of the image. */
  readonly status = make('p', 'gs-image-status');
  private readonly proposal = make('p', 'gs-image-proposed');
  private readonly proposalWords = make('span', 'gs-image-proposed-words');
  private readonly lights = make('div', 'gs-image-lights');
  private readonly sliders: { brightness: HTMLInputElement; contrast: HTMLInputElement };
  private readonly radius: HTMLInputElement;
  private readonly modes: Record<keyof typeof MODES, HTMLButtonElement>;
  private readonly buttons: Record<'start' | 'way' | 'remove' | 'copy' | 'lens' | 'light' | 'less' | 'more' | 'whole' | 'table' | 'done', HTMLButtonElement>;
  private readonly tools: HTMLElement;
  private readonly zoomed = make('span', 'gs-image-zoom');

  constructor(
    options: EditorOptions,
    private readonly kind: ShapeKind,
    acts: ImageBarActs,
  ) {
    const { question, keys } = options;
    const labels = question.labels ?? [];
    this.chips = labels.slice(0, SHOWN_LABELS).map((label, index) => this.chip(label, index, keys[index] ?? '', acts));
    const chips = make('div', 'gs-image-chips');
    chips.setAttribute('role', 'group');
    chips.setAttribute('aria-label', 'Labels');
    chips.append(...this.chips);
    if (labels.length > SHOWN_LABELS) chips.append(make('span', 'gs-image-more', `${labels.length - SHOWN_LABELS} more: press /`));
    this.buttons = {
      start: this.act(say('New'), 'N', acts.start),
      way: this.act('Four edges', 'E', acts.way),
      remove: this.act(say('Remove'), 'Del', acts.remove),
      copy: this.act('Copy from before', 'C', acts.copy),
      lens: this.act(say('Lens'), 'M', acts.lens),
      light: this.act(say('Light'), 'B', acts.lightPanel),
      less: this.act('−', '', () => acts.zoom(1 / 1.25), 'Zoom out (−)'),
      more: this.act('+', '', () => acts.zoom(1.25), 'Zoom in (+)'),
      whole: this.act(say('Whole'), '0', () => acts.zoom(0)),
      table: this.act(say('Table'), 'T', acts.table),
      done: this.act(say('Done'), 'Enter', acts.done),
    };
    this.buttons.done.classList.add('gs-image-done');
    this.buttons.way.hidden = kind !== 'box';
    if (kind === 'mask') this.buttons.light.querySelector('kbd')!.textContent = '⇧B';
    const of = (mode: keyof typeof MODES) => this.act(MODES[mode][0], MODES[mode][1], () => acts.brush(mode));
    this.modes = { paint: of('paint'), erase: of('erase'), fill: of('fill'), object: of('object') };
    this.modes.object.hidden = !options.outline;
    this.radius = this.slider(say('Brush'), 1, 100, 1, (value) => acts.radius(value));
    const masks = make('span', 'gs-image-masks');
    masks.append(...Object.values(this.modes), this.radius.parentElement!);
    masks.hidden = kind !== 'mask';
    this.sliders = {
      brightness: this.slider(say('Brightness'), 0.3, 3, 0.05, () => this.lit(acts)),
      contrast: this.slider(say('Contrast'), 0.3, 3, 0.05, () => this.lit(acts)),
    };
    this.lights.append(...Object.values(this.sliders).map((one) => one.parentElement!));
    this.lights.hidden = true;
    const accept = this.act('Accept all', 'Enter', acts.accept);
    const reject = this.act('Put one aside', 'X', acts.reject);
    this.proposal.append(this.proposalWords, reject, accept);
    const { start, way, remove, copy, lens, light, less, more, whole, table, done } = this.buttons;
    this.tools = make('div', 'gs-image-tools');
    this.tools.setAttribute('role', 'group');
    this.tools.setAttribute('aria-label', 'Tools');
    const zooms = make('span', 'gs-image-zooms');
    zooms.append(less, this.zoomed, more, whole);
    this.tools.append(start, way, masks, remove, copy, lens, light, table, zooms);
    const top = make('div', 'gs-image-top');
    top.append(chips, done);
    this.element.append(top, this.proposal, this.tools, this.lights);
    // A press on the bar must not take the focus from the image; sliders need it.
    this.element.addEventListener('mousedown', (event) => {
      if (!(event.target instanceof HTMLInputElement)) event.preventDefault();
    });
  }

  /** Take the room for suggestions before they are laid, so that the image is measured once. */
  expect(what: 'suggestions' | 'none'): void {
    this.proposal.hidden = what === 'none';
  }

  show(state: ImageBarState): void {
    this.chips.forEach((chip, index) => {
      chip.setAttribute('aria-pressed', String(state.chosen === index));
      chip.disabled = state.fixed;
    });
    const { start, way, remove, copy, lens, light, table, done } = this.buttons;
    const press = (button: HTMLButtonElement, on: boolean) => button.setAttribute('aria-pressed', String(on));
    press(start, state.drawing);
    press(way, state.way === 'extreme');
    press(lens, state.lens);
    press(light, state.light.open);
    press(table, state.twin);
    for (const [mode, button] of Object.entries(this.modes)) press(button, state.brush.mode === mode);
    remove.disabled = !state.current;
    for (const button of [start, remove, done]) button.hidden = state.fixed;
    way.hidden = state.fixed || this.kind !== 'box';
    copy.hidden = state.fixed || state.copies === 0;
    this.radius.value = String(state.brush.radius);
    this.lights.hidden = !state.light.open;
    this.sliders.brightness.value = String(state.light.brightness);
    this.sliders.contrast.value = String(state.light.contrast);
    this.zoomed.textContent = `${Math.round(state.zoom * 100)} %`;
    this.status.textContent = state.draft || `${count(state.count)} drawn`;
    this.status.toggleAttribute('data-asking', state.draft !== '');
    this.proposal.hidden = state.open === 0;
    if (!state.open) return;
    const { confidence, source } = state.suggestion ?? {};
    const sure = confidence === undefined ? '' : ` · ${percent(confidence)} sure`;
    this.proposalWords.textContent = `${count(state.open)} suggested${sure}${source ? ` · ${told(source)}` : ''}`;
  }

  private lit(acts: ImageBarActs): void {
    acts.lit(Number(this.sliders.brightness.value), Number(this.sliders.contrast.value));
  }

  private slider(title: string, min: number, max: number, step: number, act: (value: number) => void): HTMLInputElement {
    const label = make('label', 'gs-image-slider', title);
    const input = make('input', '');
    input.type = 'range';
    input.min = String(min);
    input.max = String(max);
    input.step = String(step);
    input.addEventListener('input', () => act(Number(input.value)));
    label.append(input);
    return input;
  }

  private chip(label: Label, index: number, key: string, acts: ImageBarActs): HTMLButtonElement {
    const chip = make('button', 'gs-image-chip');
    chip.type = 'button';
    chip.style.setProperty('--hue', hueOf(label, index));
    const swatch = make('span', 'gs-swatch');
    swatch.setAttribute('aria-hidden', 'true');
    chip.append(swatch, make('span', 'gs-image-chip-title', titleOf(label)));
    if (key) {
      chip.append(keyCap(key.toUpperCase()));
      chip.setAttribute('aria-keyshortcuts', key.replace('⇧', 'Shift+'));
    }
    chip.addEventListener('click', () => acts.label(index));
    for (const event of ['pointerenter', 'focus']) chip.addEventListener(event, () => acts.look(label));
    for (const event of ['pointerleave', 'blur']) chip.addEventListener(event, () => acts.look(null));
    return chip;
  }

  private act(title: string, key: string, act: () => void, name = ''): HTMLButtonElement {
    const button = make('button', 'gs-image-act', title);
    button.type = 'button';
    if (name) button.setAttribute('aria-label', name);
    if (key) button.append(keyCap(key));
    button.addEventListener('click', act);
    return button;
  }
}
