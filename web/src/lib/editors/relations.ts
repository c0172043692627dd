/**
 * Relations between spans, drawn as arcs over the text.
 *
 * In: the boxes of two spans on screen. Out: a path, and where its name stands; one SVG that the pointer passes through.
 * Never: a path for a span that is not drawn, or a name that is markup.
 */

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Arc {
  key: number;
  label: string;
  directed: boolean;
  hue: string;
  current: boolean;
  /** Suggested: dashed, as suggested spans are. */
  open?: boolean;
  head: Box;
  tail: Box;
}

export interface Path {
  d: string;
  /** The middle of the arc, where its name stands. */
  x: number;
  y: number;
}

/** Pixels between the text and the lowest arc, and between two arcs. */
const RISE = 13;
const STEP = 11;

/** How high each arc goes: those that would cross on one line are stacked, the short ones lowest. */
export function levels(arcs: readonly Pick<Arc, 'head' | 'tail'>[]): number[] {
  const spread = arcs.map(({ head, tail }, place) => ({
    place,
    from: Math.min(middle(head), middle(tail)),
    to: Math.max(middle(head), middle(tail)),
    top: Math.min(head.top, tail.top),
  }));
  const found: number[] = arcs.map(() => 0);
  const laid: { from: number; to: number; top: number; level: number }[] = [];
  for (const one of spread.sort((a, b) => a.to - a.from - (b.to - b.from))) {
    const near = laid.filter((other) => Math.abs(other.top - one.top) < 4 && other.from < one.to && other.to > one.from);
    let level = 0;
    while (near.some((other) => other.level === level)) level += 1;
    laid.push({ ...one, level });
    found[one.place] = level;
  }
  return found;
}

const middle = ({ left, right }: Box) => (left + right) / 2;

/** An arc from one span's upper edge to the other's, clear of the text on one line, bent around it across lines. */
export function pathOf(head: Box, tail: Box, level: number): Path {
  const [x1, x2] = [middle(head), middle(tail)];
  const rise = RISE + level * STEP;
  const sameLine = Math.abs(head.top - tail.top) < 4;
  if (sameLine) {
    const y = head.top - rise;
    const bend = Math.min(10, Math.abs(x2 - x1) / 2) * Math.sign(x2 - x1 || 1);
    const d = `M${x1} ${head.top - 1} Q${x1} ${y} ${x1 + bend} ${y} L${x2 - bend} ${y} Q${x2} ${y} ${x2} ${tail.top - 2}`;
    return { d, x: (x1 + x2) / 2, y };
  }
  const [y1, y2] = [head.top - 1, tail.top - 2];
  const lift = Math.max(rise, Math.abs(y2 - y1) / 3);
  const d = `M${x1} ${y1} C${x1} ${y1 - rise} ${x2} ${y2 - lift} ${x2} ${y2}`;
  // The point of the curve at its middle.
  return { d, x: (x1 + 3 * x1 + 3 * x2 + x2) / 8, y: (y1 + 3 * (y1 - rise) + 3 * (y2 - lift) + y2) / 8 };
}

const SVG = 'http://www.w3.org/2000/svg';

/** Draw these arcs into an SVG of the given size, in place of what it held. */
export function drawArcs(svg: SVGSVGElement, arcs: readonly Arc[], size: { width: number; height: number }): void {
  svg.setAttribute('width', String(size.width));
  svg.setAttribute('height', String(size.height));
  const high = levels(arcs);
  svg.replaceChildren(...arcs.map((arc, place) => drawArc(arc, pathOf(arc.head, arc.tail, high[place]!))));
}

function drawArc(arc: Arc, path: Path): SVGGElement {
  const group = document.createElementNS(SVG, 'g');
  group.classList.add('gs-arc');
  group.dataset.key = String(arc.key);
  if (arc.current) group.dataset.current = '';
  if (arc.open) group.dataset.open = '';
  group.style.setProperty('--hue', arc.hue);
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path.d);
  const name = document.createElementNS(SVG, 'text');
  name.setAttribute('x', String(path.x));
  name.setAttribute('y', String(path.y + 3.5));
  name.textContent = arc.label;
  group.append(line, name);
  if (arc.directed) group.append(arrow(arc.tail));
  return group;
}

function arrow(tail: Box): SVGPathElement {
  const element = document.createElementNS(SVG, 'path');
  element.classList.add('gs-arrow');
  const x = middle(tail);
  element.setAttribute('d', `M${x - 4} ${tail.top - 7} L${x} ${tail.top} L${x + 4} ${tail.top - 7} Z`);
  return element;
}
