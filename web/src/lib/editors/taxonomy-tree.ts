/**
 * A tree of labels, whose names are paths: rows to show, labels to find.
 *
 * In: labels such as `animal/dog`. Out: nodes, the rows that are open, hits by how well they fit. Never: the document.
 */

import type { Label } from '../answers';
import { titleOf } from '../labels';

export interface Node {
  path: string;
  title: string;
  depth: number;
  parent: Node | null;
  children: Node[];
  /** Null for a folder: a step above labels that is none itself. */
  label: Label | null;
  /** May be chosen. */
  open: boolean;
  /** Place among the labels; -1 for a folder. */
  index: number;
}

export interface Tree {
  roots: Node[];
  all: Map<string, Node>;
}

export function treeOf(labels: readonly Label[], leafOnly: boolean): Tree {
  const all = new Map<string, Node>();
  const roots: Node[] = [];
  const grow = (path: string): Node => {
    const known = all.get(path);
    if (known) return known;
    const cut = path.lastIndexOf('/');
    const parent = cut < 0 ? null : grow(path.slice(0, cut));
    const depth = parent ? parent.depth + 1 : 0;
    const node: Node = { path, title: path.slice(cut + 1), depth, parent, children: [], label: null, open: false, index: -1 };
    (parent?.children ?? roots).push(node);
    all.set(path, node);
    return node;
  };
  labels.forEach((label, index) => {
    const node = grow(label.name);
    node.label = label;
    node.index = index;
    if (label.title) node.title = titleOf(label);
  });
  for (const node of all.values()) node.open = node.label !== null && !(leafOnly && node.children.length > 0);
  return { roots, all };
}

/** The rows of a tree of which these nodes are unfolded. */
export function rowsOf({ roots }: Tree, unfolded: ReadonlySet<string>): Node[] {
  const rows: Node[] = [];
  const walk = (nodes: readonly Node[]) => {
    for (const node of nodes) {
      rows.push(node);
      if (unfolded.has(node.path)) walk(node.children);
    }
  };
  walk(roots);
  return rows;
}

/** How well a text fits a word that was typed: 0 not at all; better at a beginning, at the beginning of a word, in a piece. */
export function fit(text: string, word: string): number {
  const at = text.indexOf(word);
  if (at === 0) return text.length === word.length ? 120 : 100;
  if (at > 0) return /[\p{L}\p{N}]/u.test(text[at - 1]!) ? 60 : 80;
  let [from, gaps] = [0, 0];
  for (const letter of word) {
    const next = text.indexOf(letter, from);
    if (next < 0) return 0;
    gaps += next - from;
    from = next + letter.length;
  }
  return word.length < 3 ? 0 : Math.max(1, 40 - gaps);
}

/** The labels that fit what was typed, the best first, those used lately before others that fit as well. */
export function find(tree: Tree, typed: string, recent: readonly string[] = []): Node[] {
  const words = typed.toLowerCase().split(/[\s/]+/).filter(Boolean);
  if (words.length === 0) return [];
  const hits: { node: Node; score: number }[] = [];
  for (const node of tree.all.values()) {
    if (!node.open) continue;
    const [title, path] = [node.title.toLowerCase(), node.path.toLowerCase()];
    let score = 0;
    for (const word of words) {
      const own = fit(title, word);
      const found = Math.max(own, fit(path, word) * 0.6, (node.label?.definition ?? '').toLowerCase().includes(word) ? 10 : 0);
      if (!found) {
        score = 0;
        break;
      }
      score += found;
    }
    if (!score) continue;
    const used = recent.indexOf(node.path);
    hits.push({ node, score: score + (used < 0 ? 0 : 15 - used) - node.depth * 0.1 });
  }
  return hits.sort((a, b) => b.score - a.score || a.node.index - b.node.index).map(({ node }) => node);
}

/** The labels chosen, when one more is: none stands together with one above or below it, and one takes the place of one. */
export function choose(chosen: readonly string[], path: string, atMost: number | null): string[] {
  if (chosen.includes(path)) return chosen.filter((one) => one !== path);
  if (atMost === 1) return [path];
  return [...chosen.filter((one) => !one.startsWith(`${path}/`) && !path.startsWith(`${one}/`)), path].sort();
}
