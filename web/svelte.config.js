import { readFileSync } from 'node:fs';
import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const page = process.env.GOLDSEAM_PAGE_OUT ?? '../src/goldseam/edge/server/page';

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  compilerOptions: { runes: true },
  kit: {
    adapter: adapter({ pages: page, assets: page, fallback: 'index.html', precompress: false }),
    // A fixed name, not the time: equal sources give equal bytes.
    version: { name: version },
    output: { preloadStrategy: 'modulepreload' },
  },
};
