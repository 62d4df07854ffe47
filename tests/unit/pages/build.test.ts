import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPage, cspHash } from '../../../web-build/inline-page.ts';
import { inLanguage, type Language, readLanguages } from '../../../web-build/languages.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'glir-page-'));
  await writeFile(
    path.join(folder, 'index.html'),
    '<!doctype html><html lang="en"><head><link rel="stylesheet" href="./style.css"></head><body><script type="module" src="./main.ts"></script></body></html>',
  );
  await writeFile(path.join(folder, 'style.css'), 'p { color: red; }');
  await writeFile(path.join(folder, 'main.ts'), "document.title = '$& </script><p>' + location.hash;");
});

afterAll(() => rm(folder, { recursive: true }));

describe('the build of a page', () => {
  it('puts script and style into the page, so that it asks for nothing else', async () => {
    const page = await buildPage(folder);
    expect(page.html).not.toMatch(/\b(src|href)=/);
    expect(page.html).toContain(`<script type="module">${page.scripts[0]}</script>`);
    expect(page.html).toContain(`<style>${page.styles[0]}</style>`);
  });

  it('keeps a script from ending itself early, and its text as it was', async () => {
    const [script] = (await buildPage(folder)).scripts;
    expect(script).toMatch(/\$& (<\\|\\x3C)\/script><p>/);
    expect(script).not.toContain('</script');
  });

  it('makes a script beside the page of what it imports later, which stands by itself and is checked before it runs', async () => {
    const later = path.join(folder, 'later');
    await mkdir(later);
    await writeFile(path.join(later, 'index.html'), await readFile(path.join(folder, 'index.html'), 'utf8'));
    await writeFile(path.join(later, 'style.css'), '');
    await writeFile(path.join(later, 'both.ts'), "export const both = () => document.title + 'in both';");
    await writeFile(
      path.join(later, 'rare.ts'),
      "import { both } from './both.ts'; export const rare = () => both() + 'rare';",
    );
    await writeFile(
      path.join(later, 'main.ts'),
      "import { both } from './both.ts'; both(); onclick = async () => (await import('./rare.ts')).rare();",
    );
    const { html, scripts, lazyScripts } = await buildPage(later);
    expect(lazyScripts).toEqual([
      {
        at: expect.stringMatching(/^\/scripts\/rare\.[0-9a-f]{16}\.js$/),
        text: expect.stringMatching(/in both[\s\S]*rare[\s\S]*export/),
      },
    ]);
    const [{ at, text } = { at: '', text: '' }] = lazyScripts;
    expect(text).not.toMatch(/import/);
    const map = `{"integrity":{"${at}":"${cspHash(text)}"}}`;
    expect(scripts).toEqual([map, expect.stringContaining(at)]);
    expect(html).toContain(`<script type="importmap">${map}</script><script type="module">${scripts[1]}</script>`);
  });

  it('gives the same bytes each time', async () => {
    expect((await buildPage(folder)).html).toBe((await buildPage(folder)).html);
  });

  it('says which page is missing', async () => {
    await expect(buildPage(path.join(folder, 'nowhere'))).rejects.toThrow('needs an index.html');
  });

  it('hashes as a content security policy does', () => {
    expect(cspHash('')).toBe('sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
  });
});

describe('a page in a language', () => {
  const words = (name: string, pageTitle: string): Language => ({
    code: name,
    shared: { languageName: name, pageTitle },
    receiver: { noScript: 'a < b & c', evil: '</script><script>alert(1)</script>' },
    composer: {},
    plain: {},
    chat: {},
  });
  const languages = [words('en', 'Private note'), words('ar', 'رسالة خاصة')];
  const shell =
    '<html lang="en"><title>{pageTitle}</title><noscript>{noScript}</noscript><div id="app"></div><script type="module">`{pageTitle}`</script>';
  const html = inLanguage(shell, 'receiver', languages[1] ?? words('ar', ''), languages);

  it('says its language and direction, its title and what it says without scripts', () => {
    expect(html).toContain('<html lang="ar" dir="rtl">');
    expect(html).toContain('<title>رسالة خاصة</title>');
    expect(html).toContain('<noscript>a &lt; b &amp; c</noscript>');
  });

  it('holds its words as data that cannot become a script, and leaves the script as it is', () => {
    const data = /<script type="application\/json" id="strings">(.*?)<\/script>/.exec(html)?.[1] ?? '';
    expect(JSON.parse(data)).toEqual({
      language: 'ar',
      languages: [
        { code: 'en', name: 'en' },
        { code: 'ar', name: 'ar' },
      ],
      strings: { ...languages[1]?.shared, ...languages[1]?.receiver },
    });
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('<script type="module">`{pageTitle}`</script>');
  });

  it('is not made from a file that is not a language', async () => {
    await writeFile(path.join(folder, 'it.json'), '{"shared":{}}');
    await expect(readLanguages(folder)).rejects.toThrow('languages/it.json is not a language file');
  });
});
