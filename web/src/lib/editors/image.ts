/**
 * The editor of shapes on an image, without a framework: boxes, ellipses, polygons, lines, keypoints, masks.
 *
 * In: an image, what was drawn on it or is suggested. Out: an answer in pixels of the image as stored. Never: an act without
 * a way back, or work that grows with the number of shapes for one key press or move.
 */

import type { Answer } from '../answers';
import { obey } from './commands';
import type { Editor, EditorCommand, EditorOptions, KeyRow, Shown } from './contract';
import { Hands } from './image-hands';
import { counted } from './image-sheet';
import { SHAPE_KINDS, type ShapeKind, shapesOf } from './shape-forms';
import './image.css';

export const KEYS: readonly KeyRow[] = [
  { key: 'N', text: 'a new shape: then arrows, N or Space for each point, Enter to end it' },
  { key: '← ↑ → ↓', text: 'move the cursor or the current shape by a pixel; with Shift 10, with Ctrl 100; with Alt its size' },
  { key: '1-9', text: 'label of the current shape, and of those drawn next' },
  { key: '[ ]', text: 'the shape before, the shape after (Tab, too; Esc, then Tab leaves the image)' },
  { key: 'Del', text: 'remove the current shape, or its current point' },
  { key: '. ,', text: 'the next, the last point of the current shape; a brush: larger, smaller' },
  { key: 'R', text: 'turn a box or ellipse by 5°; with Shift back; with Alt by 1°' },
  { key: 'E', text: 'a box by its four edges; a mask: eraser' },
  { key: 'H', text: 'a hole in the current polygon' },
  { key: 'O A', text: 'keypoints: hidden behind something; not on the image' },
  { key: 'B P O', text: 'masks: brush; outline to fill; a box, in which the object is found' },
  { key: 'C', text: 'copy the shapes of the image before' },
  { key: '+ - 0', text: 'zoom in, out, whole image (wheel or two fingers, too); Space and drag moves it' },
  { key: 'B', text: 'brightness and contrast; of masks with Shift' },
  { key: 'M', text: 'a lens for what is small' },
  { key: 'D', text: 'hide the shapes, or show them' },
  { key: 'T', text: 'the shapes as a table' },
  { key: 'Z', text: 'undo; with Shift redo' },
];

/** An answer in a few words. */
export function wordsOf(answer: Answer): string {
  if (answer.kind === 'abstain') return 'Cannot decide';
  const kind = answer.kind as ShapeKind;
  return SHAPE_KINDS.includes(kind) ? counted(shapesOf(answer).length, kind) : answer.kind;
}

/** What the page keeps below an editor. */
const FOOT = 92;

class ImageEditor extends Hands implements Editor {
  private readonly size: ResizeObserver | null;

  constructor(host: HTMLElement, options: EditorOptions) {
    super(options);
    this.root.className = 'gs-image';
    const stage = this.view.element;
    stage.tabIndex = 0;
    stage.setAttribute('role', 'application');
    stage.setAttribute('aria-roledescription', 'image to draw on');
    stage.setAttribute('aria-label', options.question.prompt || options.question.name);
    const desk = document.createElement('div');
    desk.className = 'gs-image-desk';
    desk.append(stage, this.table.element);
    stage.append(this.bar.status);
    this.table.element.hidden = true;
    this.root.append(this.bar.element, desk);
    host.replaceChildren(this.root);
    this.size = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(() => this.room());
    for (const one of [stage, this.bar.element, document.documentElement]) this.size?.observe(one);
    this.listen();
  }

  /** All of the image in sight: the stage takes what the page leaves over, the table the rest of it where it lies below. */
  private room(): void {
    const stage = this.view.element;
    const table = this.table.element;
    const left = Math.max(280, innerHeight - stage.getBoundingClientRect().top - scrollY - FOOT);
    const stacked = this.twin && table.offsetTop > stage.offsetTop;
    stage.style.height = `${Math.round(stacked ? Math.max(240, 0.56 * left) : left)}px`;
    table.style.maxHeight = `${Math.round(stacked ? Math.max(200, 0.4 * left) : left)}px`;
    this.view.measure();
  }

  // ---- the contract --------------------------------------------------------------------------------------------------
  setTask(shown: Shown): void {
    this.shown = shown;
    this.view.hidden = false;
    this.bar.expect(shown.suggestion !== null && !shown.compareTo ? 'suggestions' : 'none');
    this.room();
    this.view.show(shown.task?.media ?? null, this.options.question.skeleton ?? null);
    this.light = { ...this.light, brightness: 1, contrast: 1 };
    this.view.light(1, 1);
    this.fill(shown.value);
    this.tell();
  }

  setValue(value: Answer | null): void {
    this.fill(value);
    this.tell();
  }

  command(command: EditorCommand): boolean {
    return obey(command, { pick: (index) => this.pick(index), enter: () => this.enter(), reject: () => this.reject(), undo: () => this.turn('undo') }, this.options);
  }

  key(event: KeyboardEvent): boolean {
    const { key, shiftKey: shift } = event;
    const typed = key.toLowerCase();
    if (this.arrow(event)) return true;
    if (typed === 'r' && event.altKey) return this.rotate(shift ? -1 : 1);
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    if (key === 'Tab') return this.tab(shift ? -1 : 1);
    if (key === 'Escape') return this.escape();
    if (key === 'Delete' || key === 'Backspace') return this.draft ? this.turn('undo') : this.removeCurrent();
    // A label's own key is the label's.
    if (key.length > 1 || (!shift && this.options.keys.includes(typed))) return false;
    return this.letter(typed, event);
  }

  private letter(typed: string, event: KeyboardEvent): boolean {
    const { shiftKey: shift } = event;
    const mask = this.kind === 'mask';
    switch (typed) {
      case ' ':
        return this.spaceDown(event);
      case 'n':
        return this.start();
      case '[':
        return this.walk(-1);
      case ']':
        return this.walk(1);
      case '.':
        return mask ? this.brushRadius(this.brush.radius + Math.ceil(this.brush.radius / 5)) : this.nextPoint(1);
      case ',':
        return mask ? this.brushRadius(this.brush.radius - Math.ceil(this.brush.radius / 6)) : this.nextPoint(-1);
      case 'e':
        return mask ? this.brushMode('erase') : this.toggleWay();
      case 'b':
        return mask && !shift ? this.brushMode('paint') : this.toggleLight();
      case 'p':
        return this.brushMode('fill');
      case 'h':
        return this.startHole();
      case 'o':
        return mask ? this.brushMode('object') : this.sight();
      case 'a':
        return this.draft?.kind === 'keypoints' && this.place('absent');
      case 'r':
        return this.rotate(shift ? -5 : 5);
      case 'c':
        return this.copyBefore();
      case '+':
      case '=':
        return this.zoom(1.25);
      case '-':
        return this.zoom(0.8);
      case '0':
        // The tenth label has this key where there are so many.
        return this.zoom(0);
      case 'm':
        return this.toggleLens();
      case 'd':
        return this.toggleShapes();
      case 't':
        return this.toggleTable();
      case 'z':
        return shift && this.turn('redo');
      default:
        return false;
    }
  }

  protected override toggleTable(): true {
    super.toggleTable();
    this.room();
    return true;
  }

  private toggleShapes(): boolean {
    this.view.hidden = !this.view.hidden;
    this.view.redrawAll();
    return this.say(this.view.hidden ? 'Shapes hidden' : 'Shapes shown');
  }

  focus(): void {
    this.view.element.focus({ preventScroll: true });
  }

  destroy(): void {
    if (this.untold) this.tellValue();
    this.stop.abort();
    this.size?.disconnect();
    this.view.destroy();
    this.root.remove();
  }
}

export function mount(host: HTMLElement, options: EditorOptions): Editor {
  return new ImageEditor(host, options);
}
