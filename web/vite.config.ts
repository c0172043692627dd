import { sveltekit } from '@sveltejs/kit/vite';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { speech } from './scripts/speech.mjs';

/**
 * SvelteKit's route announcer hides itself with a style attribute, which the server's content security policy refuses.
 * The rule stands in `app.css` instead (`#svelte-announcer`).
 */
const withoutInlineStyle: Plugin = {
  name: 'goldseam:without-inline-style',
  enforce: 'pre',
  transform(code, id) {
    if (!id.split('?')[0]?.endsWith('/generated/root.svelte')) return null;
    return { code: code.replace(/(id="svelte-announcer"[^>]*?)\s+style="[^"]*"/, '$1'), map: null };
  },
};

/** Writes down which packages the browser's code holds, for the notices (`scripts/finish.mjs`). */
const bundled: Plugin = {
  name: 'goldseam:bundled',
  applyToEnvironment: (environment) => environment.name === 'client',
  generateBundle(_, bundle) {
    const names = new Set<string>();
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue;
      for (const id of Object.keys(chunk.modules)) {
        const found = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id.replaceAll('\\', '/'))?.[1];
        if (found) names.add(found);
      }
    }
    mkdirSync('.svelte-kit', { recursive: true });
    writeFileSync('.svelte-kit/bundled.json', JSON.stringify([...names].sort()));
  },
};

export default defineConfig({
  plugins: [withoutInlineStyle, bundled, speech as Plugin, sveltekit()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    // Runtime and shared parts in one file each: thirty tiny files compress worse and ask more of a slow line.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'base', test: /node_modules|\.svelte-kit/, minShareCount: 2, priority: 6 },
            // What several editors share is not what the page needs before it has one of them.
            { name: 'editors', test: /src\/lib\/editors\/(?!index|known)/, minShareCount: 2, priority: 3 },
            // Apart from what the layout needs: the styles of all that a chunk may load later are in the first document.
            { name: 'registry', test: /src\/lib\/editors\/(?:index|known)/, minShareCount: 2, priority: 5 },
            { name: 'dialogs', test: /src\/lib\/dialogs/, minShareCount: 2, priority: 5 },
            // What a page asks for once its first item is on screen.
            { name: 'aside', test: /src\/lib\/aside\//, minShareCount: 2, priority: 3 },
            // What managers' pages share is not what a person who labels waits for.
            { name: 'manage', test: /src\/lib\/(?:manage\/|parts\/(?:Scale|Annotators)|quality|sign-on)/, minShareCount: 2, priority: 3 },
            // What the frame of every page needs comes first: a group takes along what its modules import, and the first
            // document links the styles of all that a chunk of the frame may load later.
            { name: 'lib', test: /src\/lib\/(?:(?:answers|api|desk|outbox|shelf|taste|gate|ids|words)\.ts|parts\/(?:Seam|Dialog)\.svelte)/, minShareCount: 2, priority: 5 },
            // Shared, and yet nothing that the first item waits for.
            { name: 'entry', test: /src\/lib\/sign-on\.ts/, minShareCount: 2, priority: 5 },
            { name: 'rich', test: /src\/lib\/parts\/Item(?:Rich|Chat)\.svelte/, minShareCount: 2, priority: 5 },
            { name: 'card', test: /src\/lib\/parts\/LabelCard\.svelte/, minShareCount: 2, priority: 5 },
            // What one labels with; anything else that pages share stands by itself.
            { name: 'work', test: /src\/lib\/(?:(?:asked|code|dialogs|drafts|held|keys|labels|media|orientation|queue|session|steps)\.ts|parts\/(?:Footer|Item|Question)\.svelte)/, minShareCount: 2, priority: 4 },
          ],
        },
      },
    },
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
