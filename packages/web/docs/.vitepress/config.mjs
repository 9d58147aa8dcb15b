// The guides of docs/ as pages, with a search that runs in the browser. Nothing inline: scripts get files of their own.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url));
const BASE = '/docs/';

const titleOf = (file) => readFileSync(join(docs, file), 'utf8').match(/^# (.+)$/m)?.[1] ?? file;
const page = (name) => ({ text: titleOf(`${name}.md`), link: `/${name}` });

const GROUPS = {
  'Run a competition': ['configuration', 'packs', 'operating', 'replay', 'archive', 'backfill', 'security'],
  'Feeds and models': ['feeds', 'own-feeds', 'participants', 'backtest', 'metrics', 'hostile-input'],
  'Read and subscribe': ['page', 'signals', 'freshness', 'proof', 'custom-routes', 'compatibility'],
  'How well it does': ['performance', 'reliability', 'reliability-servers', 'glossary'],
};

/** Every guide once: what is in no group yet comes at the end. */
function sidebar() {
  const names = readdirSync(docs)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => file.slice(0, -3));
  const grouped = Object.entries(GROUPS).map(([text, wanted]) => ({
    text,
    items: wanted.filter((name) => names.includes(name)).map(page),
  }));
  const known = new Set(Object.values(GROUPS).flat());
  const rest = names.filter((name) => !known.has(name)).map(page);
  const decisions = readdirSync(join(docs, 'adr'))
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => page(`adr/${file.slice(0, -3)}`));
  return [
    ...grouped,
    ...(rest.length > 0 ? [{ text: 'More', items: rest }] : []),
    // With a link it is no button that has another one within it.
    { text: 'Decisions', link: decisions[0]?.link, collapsed: true, items: decisions },
  ];
}

/** Links to files that are in the repository and not among the guides are shown as their text. */
function keepInside(md) {
  const original = md.renderer.rules.link_open;
  md.core.ruler.push('links-outside', ({ tokens, env }) => {
    for (const { children } of tokens) {
      let isOutside = false;
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const href = token.attrGet('href') ?? '';
          const path = posix.join(posix.dirname(env.relativePath ?? ''), href.split('#')[0]);
          isOutside = !/^([a-z]+:|#|\/)/.test(href) && (path.startsWith('..') || !/\.(md|png|webp)$|^$|\/$/.test(path));
          if (isOutside) Object.assign(token, { tag: 'span', attrs: [] });
        } else if (token.type === 'link_close' && isOutside) {
          token.tag = 'span';
          isOutside = false;
        }
      }
    }
  });
  md.renderer.rules.link_open = (tokens, i, options, env, self) =>
    tokens[i].tag === 'span' || original === undefined
      ? self.renderToken(tokens, i, options)
      : original(tokens, i, options, env, self);
}

const scripts = new Map();
/** What a page runs from within itself becomes a file: its policy allows no inline script. */
function outsideScripts(html) {
  return html.replace(/<script(?![^>]*\bsrc=)([^>]*)>([\s\S]*?)<\/script>/g, (_all, attributes, text) => {
    const name = `inline-${createHash('sha256').update(text).digest('hex').slice(0, 8)}.js`;
    scripts.set(name, text);
    return `<script${attributes} src="${BASE}assets/${name}"></script>`;
  });
}

export default defineConfig({
  title: 'crunch-node',
  description: 'The engine that runs prediction competitions',
  lang: 'en',
  base: BASE,
  srcDir: docs,
  rewrites: { 'README.md': 'index.md' },
  metaChunk: true,
  ignoreDeadLinks: true, // links into the repository
  lastUpdated: false,
  head: [['link', { rel: 'icon', href: '/favicon.ico' }]],
  markdown: { config: keepInside },
  themeConfig: {
    logoLink: { link: '/', target: '_self' },
    nav: [
      { text: 'Guides', link: '/' },
      // Served by the API itself, beside these pages.
      { text: 'API', link: '/api', target: '_self' },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: 'local' },
    docFooter: { prev: false, next: false },
  },
  transformHtml: (html) => outsideScripts(html),
  buildEnd({ outDir }) {
    mkdirSync(join(outDir, 'assets'), { recursive: true });
    for (const [name, text] of scripts) writeFileSync(join(outDir, 'assets', name), text);
  },
  vite: { cacheDir: join(dirname(fileURLToPath(import.meta.url)), 'cache') },
});
