import { describe, expect, it } from 'vitest';
import { type Block, type ListBlock, readBlocks } from '../../../web-shared/markdown/blocks.ts';
import { type Inline, readInline } from '../../../web-shared/markdown/inline.ts';
import { cpuTimeOf } from '../../support/server/cpu-time.ts';

function said(content: readonly Inline[]): string {
  return content
    .map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'link') return `{${part.shown}}`;
      return part.kind === 'strong' ? `<b>${said(part.content)}</b>` : `<i>${said(part.content)}</i>`;
    })
    .join('');
}

function listSaid({ ordered, items, line }: ListBlock): string {
  const each = items.map(
    ({ number, content, lists }) => `${number ?? '•'} ${said(content)}${lists.map(listSaid).join('')}`,
  );
  return `${ordered ? 'ol' : 'ul'}@${line}[${each.join('; ')}]`;
}

function blockSaid(block: Block): string {
  if (block.kind === 'list') return listSaid(block);
  return `${block.kind === 'heading' ? `h${block.level}` : 'p'}@${block.line} ${said(block.content)}`;
}

const blocks = (text: string): string[] => readBlocks(text).map(blockSaid);
const inline = (text: string): string => said(readInline(text));

describe('light Markdown', () => {
  it('has headings, paragraphs with their line breaks, and lists, each with its line', () => {
    expect(blocks('# Today\nTake this:\n- one\n- two\n\nThen\nrest.\n\n### Later ##')).toEqual([
      'h2@0 Today',
      'p@1 Take this:',
      'ul@2[• one; • two]',
      'p@5 Then\nrest.',
      'h4@8 Later',
    ]);
  });

  it('keeps the numbers of an ordered list as they were written', () => {
    expect(blocks('1. a\n3. b\n4) c')).toEqual(['ol@0[1 a; 3 b; 4 c]']);
    expect(blocks('Come back on\n5. May')).toEqual(['p@0 Come back on\n5. May']);
  });

  it('has lists in lists', () => {
    expect(blocks('- a\n  - b\n    1. c\n  - d\n- e\n  more of e')).toEqual([
      'ul@0[• aul@1[• bol@2[1 c]; • d]; • e\nmore of e]',
    ]);
  });

  it('is bold and italic, also one in the other', () => {
    expect(inline('**bold** and *italic* and __bold__ and ***both*** and **a *b* c**')).toBe(
      '<b>bold</b> and <i>italic</i> and <b>bold</b> and <b><i>both</i></b> and <b>a <i>b</i> c</b>',
    );
  });

  it.each(['2*3*4 mg', 'a * b * c', 'snake_case_word', '**not ended', '****', '* ', '5 mg*', '**a*', '1 < 2 > 0'])(
    'leaves "%s" as it is',
    (text) => {
      expect(inline(text)).toBe(text);
    },
  );

  it.each([
    'take _one *two and **three',
    '*Metoprolol 50 mg, *Ramipril 5 mg',
    '*a _b *c __d ***e',
    '_1 _2 _3 _4 _5 _6 _7 _8 _9 _10',
  ])('keeps the order of "%s", whose marks have no end', (text) => {
    expect(inline(text)).toBe(text);
  });

  it('keeps the order of what stands in marks that have an end around those that have none', () => {
    expect(inline('*a _b __c* d')).toBe('<i>a _b __c</i> d');
  });

  it.each([
    '<script>alert(1)</script>',
    '<b onclick=x>y</b>',
    '![alt](https://example.org/x.png)'.slice(0, 5),
    '`**code**`',
    '| a | b |\n|---|---|\n| 1 | 2 |',
    '> said',
    '---',
    '&lt;b&gt;',
    '```\n**raw**\n# raw\n```',
  ])('shows %j as text', (text) => {
    expect(blocks(text)).toEqual([`p@0 ${text}`]);
  });

  it('takes the meaning from a mark after a backslash', () => {
    expect(inline('\\*not italic\\* C:\\dir')).toBe('*not italic* C:\\dir');
  });

  it('shows where a link goes', () => {
    expect(inline('[our site](https://example.org/a?b=1)')).toBe('our site ({https://example.org/a?b=1})');
    expect(inline('[https://bank.example](https://evil.example)')).toBe(
      'https://bank.example ({https://evil.example})',
    );
    expect(inline('See https://example.org/a. Or <mailto:a@example.org>!')).toBe(
      'See {https://example.org/a}. Or {a@example.org}!',
    );
    expect(inline('https://exаmple.org')).toBe('{https://xn--exmple-4nf.org/}');
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](data:text/html,y)',
    '[x](/path)',
    '[x](https://a@b.example/)',
    'ftp://example.org',
    'https://',
  ])('makes no link of %s', (text) => {
    expect(inline(text)).toBe(text);
  });

  it('does not hang on 60 KiB made to be slow', () => {
    const hostile = [
      '*a ',
      '**a_b ',
      '[a](',
      '[[',
      '`',
      '` `` ',
      '\\',
      'https://',
      '<https://',
      '- ',
      '  - a\n',
      '# ',
      '*_',
      'a*a_',
      '[a](b',
      '1. a\n   ',
      '> ',
      '~~~\n',
      '_*_*a',
      'h',
    ];
    readBlocks('warm *up*');
    for (const part of hostile) {
      const text = part.repeat(Math.ceil(61_440 / part.length));
      expect(
        cpuTimeOf(() => void readBlocks(text)),
        JSON.stringify(part),
      ).toBeLessThan(2_000);
    }
  });

  it('loses no letter of what it does not understand', () => {
    const text = 'a <b> `c` | d | ~~e~~ $f$ [g] (h) {i} <!-- j --> &amp; \u200F\u202Ek\u200B';
    expect(blocks(text)).toEqual([`p@0 ${text}`]);
  });
});
