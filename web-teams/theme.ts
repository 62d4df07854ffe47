const SCHEME = /prefers-color-scheme:\s*(dark|light)/;

/** Shows the page in Teams' theme, whatever the device prefers. An unknown theme looks like the default one. */
export function showTheme(theme: string): void {
  const scheme = theme === 'dark' || theme === 'contrast' ? 'dark' : 'light';
  const root = document.documentElement;
  root.dataset['theme'] = theme;
  root.style.colorScheme = scheme;
  for (const { rule, for: of } of schemeRules) rule.media.mediaText = of === scheme ? 'all' : 'not all';
}

/** The rules of the page's own style that follow the device: here they follow Teams, with the same colours. */
const schemeRules = [...document.styleSheets]
  .flatMap((sheet) => [...sheet.cssRules])
  .flatMap((rule) => {
    const scheme = rule instanceof CSSMediaRule ? SCHEME.exec(rule.conditionText)?.[1] : undefined;
    return rule instanceof CSSMediaRule && scheme !== undefined ? [{ rule, for: scheme }] : [];
  });
