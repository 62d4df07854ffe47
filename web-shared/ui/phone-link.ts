/** A phone number as people write it, and as a device dials it. */
import { el } from './dom.ts';

/** A link that dials; the number itself reads from left to right in every language. */
export function phoneLink(phone: string): HTMLAnchorElement {
  const dialled = phone.replace(/(?!^\+)\D/g, '');
  return el('a', { class: 'phone', href: `tel:${dialled}`, dir: 'ltr' }, phone);
}
