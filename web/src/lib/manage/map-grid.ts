/**
 * Points by where they lie: what is near a place is found without a look at the others.
 *
 * In: points of a map. Out: their numbers, by rectangle or nearest to a spot. Never: a point moved.
 */

import { lasso, type Points, type Rectangle, type Spot } from './map';

/** Points in one cell, on the whole. */
const IN_A_CELL = 8;
const MOST_CELLS = 512;

export class MapGrid {
  private readonly cells: number;
  private readonly order: Uint32Array;
  /** Where in the order each cell begins; one more than there are cells. */
  private readonly starts: Uint32Array;

  /** Where each point lies and what label it has, flat in memory: a frame goes through all of them. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly label: Int32Array;

  constructor(points: Pick<Points, 'x' | 'y' | 'label'>) {
    const [x, y] = [(this.x = Float64Array.from(points.x)), (this.y = Float64Array.from(points.y))];
    this.label = Int32Array.from(points.label);
    this.cells = Math.max(1, Math.min(MOST_CELLS, Math.floor(Math.sqrt(x.length / IN_A_CELL))));
    const cellOf = new Uint32Array(x.length);
    this.starts = new Uint32Array(this.cells ** 2 + 1);
    for (let nth = 0; nth < x.length; nth++) {
      cellOf[nth] = this.line(y[nth]!) * this.cells + this.line(x[nth]!);
      this.starts[cellOf[nth]! + 1]!++;
    }
    for (let cell = 0; cell < this.cells ** 2; cell++) this.starts[cell + 1]! += this.starts[cell]!;
    this.order = new Uint32Array(x.length);
    const next = this.starts.slice();
    for (let nth = 0; nth < x.length; nth++) this.order[next[cellOf[nth]!]!++] = nth;
  }

  private line(at: number): number {
    return Math.max(0, Math.min(this.cells - 1, Math.floor(at * this.cells)));
  }

  /** The points in a rectangle, but those with a hidden label; row by row, in no other order. */
  within({ x, y, width, height }: Rectangle, hidden: ReadonlySet<number>): Uint32Array {
    const { order, x: xs, y: ys, label } = this;
    const found = new Uint32Array(this.room(x, y, width, height));
    const [right, bottom, veiled] = [x + width, y + height, hidden.size > 0];
    let n = 0;
    this.rows(x, y, width, height, (from, to) => {
      for (let at = from; at < to; at++) {
        const nth = order[at]!;
        const px = xs[nth]!;
        const py = ys[nth]!;
        if (px >= x && px <= right && py >= y && py <= bottom && !(veiled && hidden.has(label[nth]!))) found[n++] = nth;
      }
    });
    return found.subarray(0, n);
  }

  /** The points within a closed line, but those with a hidden label. */
  lassoed(line: readonly Spot[], hidden: ReadonlySet<number>): number[] {
    const [xs, ys] = [line.map(([x]) => x), line.map(([, y]) => y)];
    const [x, y] = [Math.min(...xs), Math.min(...ys)];
    const near = this.within({ x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y }, hidden);
    const takes = lasso(line);
    const found: number[] = [];
    for (let i = 0; i < near.length; i++) if (takes(this.x[near[i]!]!, this.y[near[i]!]!)) found.push(near[i]!);
    return found;
  }

  /** The nearest point with a label that is shown, if one lies so near. */
  nearest([x, y]: Spot, reach: number, hidden: ReadonlySet<number>): number | null {
    let [found, least] = [null as number | null, reach * reach];
    for (const nth of this.within({ x: x - reach, y: y - reach, width: 2 * reach, height: 2 * reach }, hidden)) {
      const far = (this.x[nth]! - x) ** 2 + (this.y[nth]! - y) ** 2;
      if (far <= least) [found, least] = [nth, far];
    }
    return found;
  }

  private room(x: number, y: number, width: number, height: number): number {
    let n = 0;
    this.rows(x, y, width, height, (from, to) => (n += to - from));
    return n;
  }

  /** Each row of cells that a rectangle touches, as a stretch of the order. */
  private rows(x: number, y: number, width: number, height: number, visit: (from: number, to: number) => void): void {
    const [left, right] = [this.line(x), this.line(x + width)];
    for (let row = this.line(y); row <= this.line(y + height); row++) {
      visit(this.starts[row * this.cells + left]!, this.starts[row * this.cells + right + 1]!);
    }
  }
}
