import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type TypeScript from 'typescript'
import { badInput } from '../domain/errors.ts'
import type { ConfigFault } from './config/layers.ts'
import { packagePathFrom } from './init/package-path.ts'
import { PACKAGE_FOLDER } from './package-folder.ts'

type Compiler = typeof TypeScript

/**
 * What the TypeScript compiler says against strategy files, as an editor would: by the nearest `tsconfig.json` of each
 * file, or strictly where there is none.
 * @param files absolute paths. @param cwd where the compiler is looked for first, then in the package.
 * @throws bad input when there is no compiler.
 */
export function checkTypes(files: readonly string[], cwd: string): readonly ConfigFault[] {
  const compiler = findCompiler(cwd)
  return files.flatMap(file => {
    const program = compiler.createProgram([file], optionsFor(compiler, file))
    return ownDiagnostics(compiler, program).map(diagnostic => faultOf(compiler, diagnostic, file))
  })
}

/** Not a dependency: it is larger than everything else together, and whoever writes TypeScript has it. */
function findCompiler(cwd: string): Compiler {
  for (const folder of [cwd, PACKAGE_FOLDER]) {
    const found = requireFrom(folder)
    if (found === undefined) continue
    if (typeof found.createProgram === 'function') return found
    throw badInput('the TypeScript installed here cannot be used by programs', {
      where: '--types',
      hint: 'TypeScript 6 can: npm install --save-dev typescript@6',
    })
  }
  throw badInput('--types needs the TypeScript compiler, which is not installed here', {
    where: '--types',
    hint: 'npm install --save-dev typescript@6',
  })
}

function requireFrom(folder: string): Compiler | undefined {
  const require = createRequire(join(folder, 'package.json'))
  try {
    return require('typescript') as Compiler
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

const read = (path: string): string => readFileSync(path, 'utf8')

function optionsFor(compiler: Compiler, file: string): TypeScript.CompilerOptions {
  const folder = dirname(file)
  const path = compiler.findConfigFile(folder, existsSync)
  if (path !== undefined) {
    const { config, error } = compiler.readConfigFile(path, read) as {
      readonly config: unknown
      readonly error?: TypeScript.Diagnostic
    }
    if (error !== undefined)
      throw badInput(compiler.flattenDiagnosticMessageText(error.messageText, '\n'), {
        where: path,
        hint: 'mend the file, or remove it',
      })
    const { options } = compiler.parseJsonConfigFileContent(config, compiler.sys, dirname(path), undefined, path)
    return { ...options, noEmit: true }
  }
  return {
    target: compiler.ScriptTarget.ESNext,
    module: compiler.ModuleKind.Preserve,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    types: [],
    ...(packagePathFrom(folder).isInstalled ? {} : { paths: { tallow: [typesOfPackage()] } }),
  }
}

/** A checkout that was never built has its sources. */
function typesOfPackage(): string {
  const built = join(PACKAGE_FOLDER, 'dist', 'index.d.ts')
  return existsSync(built) ? built : join(PACKAGE_FOLDER, 'src', 'index.ts')
}

/** Of the file and what it imports by path; what comes from packages is not the user's to mend. */
function ownDiagnostics(compiler: Compiler, program: TypeScript.Program): readonly TypeScript.Diagnostic[] {
  const isOwn = (source: TypeScript.SourceFile): boolean =>
    !source.isDeclarationFile &&
    !program.isSourceFileFromExternalLibrary(source) &&
    !source.fileName.startsWith(`${PACKAGE_FOLDER}/src/`)
  const sources = program.getSourceFiles().filter(isOwn)
  return compiler.sortAndDeduplicateDiagnostics(
    sources.flatMap(source => [...compiler.getPreEmitDiagnostics(program, source)]),
  )
}

function faultOf(
  compiler: Compiler,
  { file, start, code, messageText }: TypeScript.Diagnostic,
  asked: string,
): ConfigFault {
  const message = `strategy has a type error: ${compiler.flattenDiagnosticMessageText(messageText, '\n  ')}`
  const hint = `TypeScript calls it TS${code}; tallow runs it all the same, and fails where the types would have warned`
  if (file === undefined || start === undefined) return { message, where: asked, hint }
  const { line, character } = file.getLineAndCharacterOfPosition(start)
  return { message, where: `${file.fileName}:${line + 1}:${character + 1}`, hint }
}
