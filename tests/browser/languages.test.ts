import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { composerStates } from '../shots/gallery/composer-states.ts';
import { receiverStates } from '../shots/gallery/receiver-states.ts';
import { DOCTOR, LONG_NAME } from '../shots/gallery/samples.ts';
import { PSEUDO } from '../support/browser/pseudo-language.ts';
import { sharedBrowser, sharedGallery } from '../support/browser/shared.ts';

let address: string;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [browser, address] = await Promise.all([sharedBrowser(), sharedGallery()]);
});

afterAll(() => browser.close());

beforeEach(async () => {
  page = await browser.newPage({ locale: 'en-GB', timezoneId: 'Europe/Rome', viewport: { width: 390, height: 800 } });
});

afterEach(() => page.close());

/** Chooses a language as a reader does, and waits until the page speaks it. */
async function choose(language: string): Promise<void> {
  await page.locator('#language').selectOption(language);
  await page.locator(`html[lang="${language}"]`).waitFor();
}

/**
 * In the page: all states drawn one after the other. Gives of each the screen as it stands, with its title, and what the
 * page itself says: its text and its names for screen readers, without what came from the doctor. Where languages are
 * given, each state is drawn in the first, which gives what is said, and switched to the second, which gives the screen.
 */
const READ = `(async (states, languages) => {
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const choose = async (language) => {
    const select = document.querySelector('#language');
    select.value = language;
    select.dispatchEvent(new Event('change', { bubbles: true }));
    while (document.documentElement.lang !== language) await nextFrame();
  };
  // The preview of the patient's plan is drawn in the frame after.
  const drawn = async () => {
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return document.title + document.querySelector('main').innerHTML;
  };
  const said = () => {
    const copy = document.querySelector('main').cloneNode(true);
    for (const own of copy.querySelectorAll('.note, .quote, textarea, option[lang], [translate="no"]')) own.textContent = '';
    const named = [...copy.querySelectorAll('[aria-label], [placeholder]')];
    const names = named.map((each) => each.getAttribute('aria-label') + each.getAttribute('placeholder'));
    return [document.title, copy.textContent, ...names].join(' ');
  };
  const read = [];
  for (const state of states) {
    if (languages !== undefined) await choose(languages[0]);
    show(state);
    const words = said();
    if (languages !== undefined) await choose(languages[1]);
    read.push({ state, said: words, drawn: await drawn() });
  }
  return read;
})`;

/** What `READ` gives. */
type Read = { state: string; said: string; drawn: string }[];

async function read(states: readonly string[], languages?: readonly [string, string]): Promise<Read> {
  const all: Read = await page.evaluate(`${READ}(${[states, languages].map((each) => JSON.stringify(each)).join()})`);
  // Inside of our sentences, the doctor's words are isolated from right to left.
  const withoutDoctor = (said: string) =>
    [DOCTOR, LONG_NAME, 'null'].reduce(
      (rest, known) => rest.replaceAll(known, ''),
      said.replace(/\u2068[^\u2068\u2069]*\u2069/g, ''),
    );
  return all.map((one) => ({ ...one, said: withoutDoctor(one.said) }));
}

describe.each([
  ['receiver', Object.keys(receiverStates)],
  ['composer', Object.keys(composerStates)],
])("the %s's page in another language", (name, states) => {
  it('is the same whether it comes in it or is switched to it, and says nothing in English', async () => {
    await page.goto(`${address}/${PSEUDO}/${name}?loading`);
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    const served = await read(states);
    for (const { state, said } of served) expect(said, state).not.toMatch(/[a-z]{2}/i);
    await page.goto(`${address}/${name}?loading`);
    const switched = await read(states, ['en', PSEUDO]);
    for (const { state, said } of switched) expect(said, state).toMatch(/[a-z]{2}/i);
    expect(switched.map(({ drawn }) => drawn)).toEqual(served.map(({ drawn }) => drawn));
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
  });
});

describe('choosing another language', () => {
  it('loses nothing that the doctor has typed, and keeps the focus on the choice', async () => {
    await page.goto(`${address}/composer?writing`);
    const note = page.locator('textarea');
    await note.fill('Ramipril 5 mg');
    await note.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(3, 8));
    await page.locator('#language').focus();
    await choose(PSEUDO);
    expect(await page.evaluate('document.activeElement.id')).toBe('language');
    expect(await note.inputValue()).toBe('Ramipril 5 mg');
    expect(await note.evaluate((area: HTMLTextAreaElement) => [area.selectionStart, area.selectionEnd])).toEqual([
      3, 8,
    ]);
    await note.focus();
    await page.keyboard.press('ControlOrMeta+z');
    expect(await note.inputValue()).toBe('');
  });

  it('leaves the note, its direction and the place in it as they are', async () => {
    await page.goto(`${address}/receiver?reading-long`);
    const note = page.locator('.note');
    const before = await note.evaluate((region) => region.textContent);
    await page.evaluate('scrollTo(0, 3000)');
    await page.locator('#language').evaluate((select: HTMLSelectElement, language) => {
      select.value = language;
      select.dispatchEvent(new Event('change'));
    }, PSEUDO);
    await page.locator(`html[lang="${PSEUDO}"]`).waitFor();
    expect(await note.evaluate((region) => region.textContent)).toBe(before);
    expect(await note.evaluate((region) => getComputedStyle(region).direction)).toBe('ltr');
    expect(await page.evaluate('scrollY')).toBe(3000);
  });

  it('keeps the six digits and the link from left to right', async () => {
    await page.goto(`${address}/${PSEUDO}/receiver?waiting`);
    const code = page.locator('.code:visible');
    expect(await code.textContent()).toBe('482 913');
    expect(await code.evaluate((digits) => getComputedStyle(digits).direction)).toBe('ltr');
    await page.goto(`${address}/${PSEUDO}/composer?open-waiting`);
    expect(await page.locator('#note-link').evaluate((field) => getComputedStyle(field).direction)).toBe('ltr');
    expect(await page.locator('.code:visible').first().textContent()).toMatch(/^\d{3} \d{3}$/);
  });

  it('says so when the language cannot be loaded, and stays in the one that there is', async () => {
    await page.route('**/strings/**', (route) => route.abort());
    await page.goto(`${address}/receiver?closed`);
    await page.locator('#language').selectOption(PSEUDO);
    await page.getByRole('alert').filter({ hasText: 'That language did not load.' }).waitFor();
    expect(await page.getByRole('combobox', { name: 'Language' }).inputValue()).toBe('en');
    await page.unroute('**/strings/**');
    await choose(PSEUDO);
    expect(await page.getByRole('alert').textContent()).toBe('');
  });

  it('is forgotten with the page: nothing is saved on the device', async () => {
    await page.goto(`${address}/receiver?closed`);
    await choose(PSEUDO);
    expect(await page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]')).toEqual([0, 0, '']);
    await page.reload();
    await page.locator('html[lang="en"]').waitFor();
  });
});
