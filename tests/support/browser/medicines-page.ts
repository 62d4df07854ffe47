/** A page with the medicines' editor, and a plan of the day that shows what a test gives it. */
import '../../../web-composer/medicines/medicines-editor.css';
import '../../../web-shared/plan/plan.css';
import '../../../web-shared/ui/style/markdown.css';
import english from '../../../languages/en.json' with { type: 'json' };
import type { Medicine } from '../../../src/protocol/note.ts';
import { createMedicinesEditor } from '../../../web-composer/medicines/medicines-editor.ts';
import type { ComposerKey } from '../../../web-composer/ui/strings.ts';
import type { ReceiverKey } from '../../../web-receiver/ui/strings.ts';
import { createStrings } from '../../../web-shared/i18n/strings.ts';
import { renderMarkdown } from '../../../web-shared/markdown/markdown.ts';
import { compareMedicines } from '../../../web-shared/plan/plan-changes.ts';
import { createPlanView } from '../../../web-shared/plan/plan-view.ts';
import { el } from '../../../web-shared/ui/dom.ts';

const locale = new URLSearchParams(location.search).get('locale') ?? 'en';
document.documentElement.dir = locale === 'ar' ? 'rtl' : 'ltr';
const composerStrings = createStrings<ComposerKey>(locale, locale, { ...english.shared, ...english.composer });
const receiverWords = createStrings<ReceiverKey>(locale, locale, { ...english.shared, ...english.receiver });

let calls = 0;
const plan = createPlanView(receiverWords);
const editor = createMedicinesEditor({
  strings: composerStrings,
  changed() {
    calls += 1;
  },
});
document.body.replaceChildren(
  el(
    'main',
    {},
    el('h1', {}, 'A list of medicines'),
    editor.element,
    el('section', { class: 'sheet', 'aria-label': 'Plan' }, plan.element),
    el('section', { id: 'markdown', class: 'markdown', 'aria-label': 'Markdown' }),
  ),
);

Object.assign(globalThis, {
  editor,
  plan,
  calls: () => calls,
  showPlan: (medicines: Medicine[], before: Medicine[] = medicines) =>
    plan.update(medicines, compareMedicines(before, medicines)),
  showMarkdown(text: string) {
    const begin = performance.now();
    const blocks = renderMarkdown(text);
    document.querySelector('#markdown')?.replaceChildren(...blocks.map(({ element }) => element));
    return performance.now() - begin;
  },
});
