import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPage, cspHash } from '../../../web-build/page.ts';

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
