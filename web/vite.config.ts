import { sveltekit } from '@sveltejs/kit/vite';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

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
  plugins: [withoutInlineStyle, bundled, sveltekit()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    // Runtime and shared parts in one file each: thirty tiny files compress worse and ask more of a slow line.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'base', test: /node_modules|\.svelte-kit/, minShareCount: 2, priority: 2 },
            // What several editors share is not what the page needs before it has one of them.
            { name: 'editors', test: /src\/lib\/editors\/(?!index)/, minShareCount: 2, priority: 3 },
            // Apart from what the layout needs: the styles of all that a chunk may load later are in the first document.
            { name: 'registry', test: /src\/lib\/editors\/index/, minShareCount: 2, priority: 3 },
            { name: 'lib', test: /src\/lib\//, minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
