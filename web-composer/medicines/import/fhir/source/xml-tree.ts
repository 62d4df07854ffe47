/** FHIR in XML (https://hl7.org/fhir/R4/xml.html) as the tree that the same resource is in JSON. */
import { parseXml, XmlElement, XmlText } from '@rgrove/parse-xml';

const FHIR = 'http://hl7.org/fhir';
const DEPTH_MAX = 100;

/** Null when the text is no well-formed XML, is not FHIR, or declares a document type, whose entities nobody reads. */
export function parseXmlTree(xml: string): unknown {
  if (/<!DOCTYPE/i.test(xml)) return null;
  try {
    const { root } = parseXml(xml);
    return root === null || namespaceOf(root) !== FHIR ? null : resourceOf(root, 0);
  } catch {
    return null;
  }
}

function namespaceOf({ name, attributes }: XmlElement): string | undefined {
  const prefix = name.includes(':') ? name.split(':')[0] : undefined;
  return attributes[prefix === undefined ? 'xmlns' : `xmlns:${prefix}`];
}

function localName({ name }: XmlElement): string {
  return name.slice(name.indexOf(':') + 1);
}

function resourceOf(element: XmlElement, depth: number): Record<string, unknown> {
  return { ...propertiesOf(element, depth), resourceType: localName(element) };
}

/** A property that stands there several times is a list; one with an attribute `value` is a primitive. */
function propertiesOf(element: XmlElement, depth: number): Record<string, unknown> {
  if (depth > DEPTH_MAX) throw new RangeError('This XML is nested too deeply.');
  const found = new Map<string, unknown[]>();
  const add = (name: string, value: unknown): void => {
    const values = found.get(name);
    if (values === undefined) found.set(name, [value]);
    else values.push(value);
  };
  for (const [name, value] of Object.entries(element.attributes)) {
    if (name !== 'value' && !name.startsWith('xmlns') && !name.includes(':')) add(name, value);
  }
  const written = element.children.map((child) => (child instanceof XmlText ? child.text.trim() : '')).join('');
  if (written !== '') add('#text', written);
  for (const child of element.children) {
    if (child instanceof XmlElement) addChild(child, add, depth);
  }
  return Object.fromEntries([...found].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}

function addChild(child: XmlElement, add: (name: string, value: unknown) => void, depth: number): void {
  const name = localName(child);
  // The narrative repeats in HTML what the elements say.
  if (name === 'div') return;
  const inside = propertiesOf(child, depth + 1);
  if (name === 'resource' || name === 'contained') {
    for (const each of child.children) if (each instanceof XmlElement) add(name, resourceOf(each, depth + 1));
    return;
  }
  const value = child.attributes['value'];
  if (value !== undefined) add(name, value);
  if (value === undefined || Object.keys(inside).length > 0) add(value === undefined ? name : `_${name}`, inside);
}
