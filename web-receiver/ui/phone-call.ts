/** The practice's phone number, to be dialled. */
import { el, setShown } from '../../web-shared/ui/dom.ts';
import { handset, icon } from '../../web-shared/ui/icons.ts';

export interface PhoneCall {
  readonly element: HTMLElement;
  /** @param phone null when the practice gave none: nothing shows then */
  update(phone: string | null): void;
}

export function createPhoneCall(): PhoneCall {
  const element = el('p', { class: 'call' });
  let shown: string | null = null;
  return {
    element,
    update(phone) {
      setShown(element, phone !== null);
      if (phone !== shown) element.replaceChildren(...(phone === null ? [] : [icon(handset), phoneLink(phone)]));
      shown = phone;
    },
  };
}

/** A link that dials `phone`; the number reads from left to right in every language. */
function phoneLink(phone: string): HTMLAnchorElement {
  const dialled = phone.replace(/(?!^\+)\D/g, '');
  return el('a', { class: 'phone', href: `tel:${dialled}`, dir: 'ltr' }, phone);
}
