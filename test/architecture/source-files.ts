import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import ts from 'typescript'

export interface FunctionSize {
  readonly name: string
  readonly lines: number
}

export interface SourceFile {
  /** Below the scanned folder, with forward slashes. */
  readonly path: string
  readonly lines: number
  readonly functions: readonly FunctionSize[]
  /** Files of the same folder that it names, in any way: import, type import, re-export, `import()`, worker URL. */
  readonly imports: readonly string[]
  /** Relative specifiers that lead to no file. */
  readonly unresolved: readonly string[]
  /** Packages and `node:` modules. */
  readonly packages: readonly string[]
  /** True when it passes on something of another file. */
  readonly reExports: boolean
}

/** Reads every TypeScript file below a folder. */
export function readSources(folder: string): readonly SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(path => path.split(sep).join('/'))
    .filter(path => path.endsWith('.ts'))
    .sort()
    .map(path => readSource(folder, path))
}

function readSource(folder: string, path: string): SourceFile {
  const text = readFileSync(join(folder, path), 'utf8')
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const specifiers = new Set<string>()
  const functions: FunctionSize[] = []
  let reExports = false
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node)
    if (specifier !== undefined) specifiers.add(specifier)
    if (ts.isExportDeclaration(node) && node.moduleSpecifier) reExports = true
    if (ts.isFunctionLike(node) && 'body' in node && node.body) functions.push(sizeOf(tree, node))
    ts.forEachChild(node, visit)
  }
  visit(tree)
  const { imports, unresolved, packages } = resolveAll(folder, path, [...specifiers])
  const lines = text.trimEnd().split('\n').length
  return { path, lines, functions, imports, unresolved, packages, reExports }
}

/** The module that a node names, whatever way it does it. */
function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier)
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return textOf(node.argument.literal)
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return textOf(node.arguments[0])
  if (!ts.isNewExpression(node) || node.expression.getText() !== 'URL') return undefined
  if (node.arguments?.[1]?.getText() !== 'import.meta.url') return undefined
  const url = textOf(node.arguments[0])
  return url?.endsWith('.ts') ? url : undefined
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node && ts.isStringLiteralLike(node) ? node.text : undefined
}

function sizeOf(tree: ts.SourceFile, node: ts.SignatureDeclaration): FunctionSize {
  const first = tree.getLineAndCharacterOfPosition(node.getStart()).line
  const last = tree.getLineAndCharacterOfPosition(node.end).line
  const holder = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined)
  return { name: holder?.getText() ?? '(anonymous)', lines: last - first + 1 }
}

function resolveAll(folder: string, path: string, specifiers: readonly string[]) {
  const imports: string[] = []
  const unresolved: string[] = []
  const packages: string[] = []
  for (const specifier of specifiers) {
    if (!specifier.startsWith('.')) {
      packages.push(specifier)
      continue
    }
    const target = join(folder, dirname(path), specifier)
    const below = relative(folder, target).split(sep).join('/')
    if (!existsSync(target)) unresolved.push(specifier)
    else if (target.endsWith('.ts') && !below.startsWith('..')) imports.push(below)
  }
  return { imports, unresolved, packages }
}
