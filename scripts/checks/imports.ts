/** Reads what a source file imports: every form that makes one module depend on another, types included. */
import { parseSync, Visitor } from 'oxc-parser';

export interface Import {
  /** The text between the quotes, or null when it is computed at run time. */
  readonly specifier: string | null;
  /** 1-based line in the file. */
  readonly line: number;
}

/**
 * Lists the imports of one source file: static imports, re-exports, `import()`, `require()` and `import('...')` types.
 * @param file name of the file; its extension selects the language
 * @throws Error when the file cannot be parsed
 */
export function importsOf(file: string, source: string): Import[] {
  const result = parseSync(file, source);
  const broken = result.errors.find((error) => error.severity === 'Error');
  if (broken) throw new Error(`${file}: ${broken.message}`);

  const found: Import[] = [];
  const add = (start: number, specifier: string | null): void => {
    found.push({ specifier, line: source.slice(0, start).split('\n').length });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.start, node.source.value),
    ExportAllDeclaration: (node) => add(node.start, node.source.value),
    ExportNamedDeclaration: (node) => {
      if (node.source) add(node.start, node.source.value);
    },
    ImportExpression: (node) => add(node.start, literal(node.source)),
    TSImportType: (node) => add(node.start, node.source.value),
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'require') {
        add(node.start, literal(node.arguments[0]));
      }
    },
  }).visit(result.program);
  return found;
}

function literal(node: { readonly type: string; readonly value?: unknown } | undefined): string | null {
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : null;
}
