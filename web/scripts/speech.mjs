// @ts-nocheck -- walks the trees of another parser, whose nodes have no types.
/**
 * Lets the page speak other languages: finds what people read in a component or module, and asks `say` for it.
 *
 * In: Svelte and TypeScript sources, written in English as they are read. Out: the same with `say('Round {0}', n)` in place of
 * the words, for the build; and the list of these words, for translators. Never: a class, a key, an address or a comparison.
 *
 * What counts as words: text between tags, attributes that are read (`title`, `aria-label` …), and in code every literal that
 * reads like a phrase. One word alone in code may be a name for the machine: `say('Home')` marks it by hand. What must not be
 * translated stands in `<code>`, `<kbd>`, or in an element with `translate="no"`.
 */
import MagicString from 'magic-string';
import { parse } from 'svelte/compiler';

const READ = new Set(['alt', 'aria-label', 'aria-description', 'aria-roledescription', 'aria-valuetext', 'caption', 'empty', 'hint', 'label', 'none', 'about', 'placeholder', 'tally', 'text', 'title', 'what', 'why']);
const LEFT = new Set(['script', 'style', 'code', 'kbd', 'pre', 'samp']);
const LETTERS = /\p{L}{2}/u;
const PHRASE = /^[\p{L}\d“"…(·, {]/u;
/** Selectors, classes, styles, addresses, formats, drawings. */
const MACHINE = /[<>[\]{}=;\\|#@_/]|--|\$|^[a-z-]+:\S|^\(|^\.|\p{Ll}\p{Lu}|[\d}]px\b|^g[a-z]-|\*$|sans-serif/u;

/** Whether a literal in code is for people: several words, one sentence, or a word that announces what follows it. */
export function reads(text) {
  const bare = text.replace(/\{\d+\}/g, ' ').trim();
  const solid = text.replace(/\{\d+\}/g, '0');
  if (!LETTERS.test(bare) || !PHRASE.test(text.trimStart()) || MACHINE.test(solid)) return false;
  if (/^\p{Lu}\p{Ll}+: *\{\d+\}/u.test(text)) return true;
  return /\p{L}[\p{L}’'”,.:;?!…%)-]* +[^ ]*\p{L}/u.test(bare) || /^\p{Lu}\p{Ll}+[.…!?]$/u.test(bare);
}

const quote = (text) => JSON.stringify(text).replaceAll('\u2028', '\\u2028');
const hole = (at) => `{${at}}`;

class Pass {
  constructor(source, offset = 0) {
    this.source = source;
    this.code = new MagicString(source);
    this.offset = offset;
    this.found = new Map();
    this.saysItself = /import\s*\{[^}]*\bsay\b[^}]*\}\s*from\s*'[^']*speech'/.test(source);
  }

  say(text, holes = []) {
    this.found.set(text, (this.found.get(text) ?? 0) + 1);
    return `_say(${[quote(text), ...holes].join(', ')})`;
  }

  /** The children of an element or a block: runs of text and expressions are one phrase each. */
  children(nodes, isLeft) {
    for (let at = 0; at < nodes.length; at += 1) {
      let end = at;
      while (end < nodes.length && (nodes[end].type === 'Text' || nodes[end].type === 'ExpressionTag')) end += 1;
      if (end > at) {
        this.run(nodes.slice(at, end), isLeft);
        at = end - 1;
      } else this.node(nodes[at], isLeft);
    }
  }

  run(nodes, isLeft) {
    const said = nodes.some((node) => node.type === 'Text' && LETTERS.test(node.data)) && !isLeft;
    for (const node of nodes) if (node.type === 'ExpressionTag') this.expression(node.expression, !isLeft);
    if (!said) return;
    let text = '';
    const holes = [];
    let [start, end] = [nodes[0].start, nodes[nodes.length - 1].end];
    for (const [at, node] of nodes.entries()) {
      if (node.type === 'Text') {
        let data = node.data.replace(/[ \t\r\n]+/g, ' ');
        const raw = this.source.slice(node.start, node.end);
        // Space at the ends of the run stays in the markup, where Svelte decides what it means.
        if (at === 0) { start += raw.length - raw.trimStart().length; data = data.replace(/^ /, ''); }
        if (at === nodes.length - 1) { end -= raw.length - raw.trimEnd().length; data = data.replace(/ $/, ''); }
        text += data.replace(/[{}]/g, '');
      } else {
        text += hole(holes.length);
        holes.push(this.code.slice(node.expression.start, node.expression.end));
      }
    }
    this.code.overwrite(start, end, `{${this.say(text, holes)}}`);
  }

  node(node, isLeft) {
    if (!node || typeof node !== 'object') return;
    const left = isLeft || LEFT.has(node.name) || node.attributes?.some((one) => one.name === 'translate');
    for (const attribute of node.attributes ?? []) this.attribute(attribute, left);
    for (const key of ['expression', 'test', 'key', 'declaration', 'context']) if (node[key]) this.expression(node[key], false);
    for (const key of ['fragment', 'consequent', 'alternate', 'body', 'fallback', 'pending', 'then', 'catch']) {
      if (node[key]?.nodes) this.children(node[key].nodes, left);
    }
  }

  attribute(attribute, isLeft) {
    if (attribute.type !== 'Attribute') {
      if (attribute.expression && attribute.type !== 'BindDirective' && attribute.type !== 'ClassDirective') this.expression(attribute.expression, false);
      return;
    }
    const value = attribute.value;
    const isRead = READ.has(attribute.name) && !isLeft;
    if (value === true) return;
    if (!Array.isArray(value)) {
      const silent = /^(?:class|style|href|src|id|type|role|rel|for|name|transform|points|d|data-.*|aria-(?:controls|labelledby|describedby))$/.test(attribute.name);
      if (!silent) this.expression(value.expression, isRead);
      return;
    }
    for (const part of value) if (part.type === 'ExpressionTag') this.expression(part.expression, isRead);
    if (!isRead || !value.some((part) => part.type === 'Text' && LETTERS.test(part.data))) return;
    const plain = value.map((part) => (part.type === 'Text' ? part.data : '')).join('');
    if (value.length === 1 && !/^\p{Lu}| /u.test(plain)) return;
    let text = '';
    const holes = [];
    for (const part of value) {
      if (part.type === 'Text') text += part.data.replace(/[ \t\r\n]+/g, ' ');
      else {
        text += hole(holes.length);
        holes.push(this.code.slice(part.expression.start, part.expression.end));
      }
    }
    const [first, last] = [value[0].start, value[value.length - 1].end];
    const quoted = /["']/.test(this.source[first - 1] ?? '');
    this.code.overwrite(quoted ? first - 1 : first, quoted ? last + 1 : last, `{${this.say(text, holes)}}`);
  }

  /** Code: `shown` says that a literal here is what people see, even if it is a single word. */
  expression(node, shown) {
    if (!node || typeof node !== 'object') return;
    if (Array.isArray(node)) return node.forEach((one) => this.expression(one, shown));
    switch (node.type) {
      case 'ImportDeclaration': case 'ExportAllDeclaration': case 'TSTypeAliasDeclaration': case 'TSInterfaceDeclaration':
      case 'TSTypeAnnotation': case 'TSTypeParameterInstantiation': case 'TemplateElement': return;
      case 'Literal': return this.literal(node, shown);
      case 'TemplateLiteral': return this.template(node, shown);
      case 'ConditionalExpression': this.expression(node.test, false); this.expression(node.consequent, shown); return this.expression(node.alternate, shown);
      case 'LogicalExpression': this.expression(node.left, shown && node.operator !== '&&'); return this.expression(node.right, shown);
      case 'BinaryExpression': {
        const joins = node.operator === '+';
        if (joins || !/[=<>]|in/.test(node.operator)) { this.expression(node.left, joins && shown); this.expression(node.right, joins && shown); }
        else { this.unless(node.left); this.unless(node.right); }
        return;
      }
      case 'SwitchCase': return this.expression(node.consequent, false);
      case 'Property': case 'PropertyDefinition':
        if (node.computed) this.expression(node.key, false);
        return this.expression(node.value, false);
      case 'MemberExpression': this.expression(node.object, false); return node.computed ? this.unless(node.property) : undefined;
      case 'CallExpression': return this.call(node, shown);
      case 'NewExpression': return this.expression(/Error$/.test(node.callee.name ?? '') ? [] : node.arguments, false);
      case 'TaggedTemplateExpression': return;
      case 'TSAsExpression': case 'TSSatisfiesExpression': case 'TSNonNullExpression': return this.expression(node.expression, shown);
      default:
        for (const [key, value] of Object.entries(node)) {
          if (key !== 'typeAnnotation' && key !== 'typeParameters' && key !== 'typeArguments' && key !== 'returnType' && key !== 'parent' && key !== 'metadata' && key !== 'loc') this.expression(value, false);
        }
    }
  }

  unless(node) {
    if (node.type !== 'Literal' && node.type !== 'TemplateLiteral') this.expression(node, false);
  }

  call(node, shown) {
    const name = node.callee.name ?? node.callee.property?.name ?? '';
    if (name === 'say' && this.saysItself && node.callee.type === 'Identifier') {
      if (node.arguments[0]?.type === 'Literal') this.found.set(node.arguments[0].value, 1);
      return this.expression(node.arguments.slice(1), shown);
    }
    // What an editor tells the live region is heard, be it one word.
    if (/^(?:on)?say$/.test(name)) return this.expression(node.arguments, true);
    if (name === 'catalog') return this.table(node.arguments[0]);
    if (name === 'plural') {
      this.expression(node.arguments[0], false);
      return this.nouns(node.arguments[1], node.arguments[2]);
    }
    if (['querySelector', 'querySelectorAll', 'matchMedia', 'matches', 'closest', 'getElementById', 'createElement', 'createElementNS', 'setProperty', 'warn', 'error', 'log', 't'].includes(name) && name !== 'error') {
      return this.expression(node.callee, false);
    }
    this.expression(node.callee, false);
    this.expression(node.arguments, false);
  }

  /** A table of words is said by whoever asks it (`catalog`). */
  table(node) {
    if (node?.type === 'Literal' && typeof node.value === 'string' && LETTERS.test(node.value)) this.found.set(node.value, 1);
    for (const property of node?.properties ?? []) this.table(property.value);
    if (node?.expression) this.table(node.expression);
  }

  /** `plural(n, 'item')` translates its nouns itself. */
  nouns(one, many) {
    const texts = (node) => (node?.type === 'Literal' ? [node.value] : node?.type === 'ConditionalExpression' ? [...texts(node.consequent), ...texts(node.alternate)] : []);
    for (const text of texts(one)) {
      this.found.set(text, 1);
      if (!many) this.found.set(`${text}s`, 1);
    }
    for (const text of texts(many)) this.found.set(text, 1);
  }

  literal(node, shown) {
    if (typeof node.value !== 'string' || !(shown ? LETTERS.test(node.value) : reads(node.value))) return;
    this.code.overwrite(node.start, node.end, this.say(node.value));
  }

  template(node, shown) {
    for (const one of node.expressions) this.expression(one, shown);
    const text = node.quasis.map((one, at) => one.value.cooked + (at < node.expressions.length ? hole(at) : '')).join('');
    const plain = node.quasis.map((one) => one.value.cooked).join('');
    if (/[{}]/.test(plain) || !(shown ? LETTERS.test(plain) && !MACHINE.test(text.replace(/\{\d+\}/g, '0')) : reads(text) && LETTERS.test(plain))) return;
    const holes = node.expressions.map((one) => this.code.slice(one.start, one.end));
    this.code.overwrite(node.start, node.end, this.say(text, holes));
  }
}

const IMPORT = `import { say as _say } from '$lib/speech';`;

/** Translate the source of a component. */
export function component(source, filename) {
  const tree = parse(source, { modern: true, filename });
  const pass = new Pass(source);
  pass.children(tree.fragment.nodes, false);
  if (tree.instance) pass.expression(tree.instance.content.body, false);
  if (pass.found.size > 0) {
    if (tree.instance) pass.code.appendLeft(tree.instance.content.start, ` ${IMPORT} `);
    else pass.code.prepend(`<script lang="ts">${IMPORT}</script>\n`);
  }
  return { code: pass.code, found: pass.found };
}

/** Translate the source of a module. */
export function module(source, filename) {
  const [open, close] = ['<script lang="ts">\n', '\n</script>'];
  const tree = parse(open + source + close, { modern: true, filename });
  const pass = new Pass(open + source + close);
  pass.expression(tree.instance.content.body, false);
  if (pass.found.size > 0) pass.code.prependRight(open.length, `${IMPORT} `);
  pass.code.remove(0, open.length);
  pass.code.remove(open.length + source.length, open.length + source.length + close.length);
  return { code: pass.code, found: pass.found };
}

const OURS = /\/web\/src\/(?!lib\/(?:speech|catalog)\.ts|service-worker|languages\/|hooks)[^?]*\.(ts|svelte)$/;

/** The step of the build. */
export const speech = {
  name: 'goldseam:speech',
  enforce: 'pre',
  transform(source, id) {
    const kind = OURS.exec(id)?.[1];
    if (!kind || id.endsWith('.d.ts')) return null;
    const { code, found } = (kind === 'svelte' ? component : module)(source, id);
    return found.size === 0 ? null : { code: code.toString(), map: code.generateMap({ hires: 'boundary' }) };
  },
};
