import { PUBLIC_ENTRY, refusal } from './rooms.ts'
import type { SourceFile } from './source-files.ts'

/** Rooms whose outcome follows from their arguments alone: they reach no package and no Node module. */
const SELF_CONTAINED_ROOMS = ['domain', 'risk', 'engine']

/** Imports that the table of rooms does not allow, each as one line. */
export function forbiddenImports(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, imports }) =>
    imports.flatMap(target => {
      const reason = refusal(path, target)
      return reason === undefined ? [] : [`${path} imports ${target}: ${reason}`]
    }),
  )
}

/** Imports of packages in rooms that may have none. */
export function forbiddenPackages(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => SELF_CONTAINED_ROOMS.some(room => path.startsWith(`${room}/`)))
    .flatMap(({ path, packages }) => packages.map(name => `${path} imports ${name}`))
}

/** Files that pass on what other files export. */
export function barrels(files: readonly SourceFile[]): readonly string[] {
  const isBarrel = ({ path, reExports }: SourceFile) => reExports || path.endsWith('/index.ts')
  return files.filter(file => file.path !== PUBLIC_ENTRY && isBarrel(file)).map(({ path }) => path)
}

/** Groups of files that import one another in a circle: Tarjan's strongly connected components. */
export function cycles(files: readonly SourceFile[]): readonly (readonly string[])[] {
  const importsOf = new Map(files.map(({ path, imports }) => [path, imports]))
  const indexOf = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []

  const visit = (path: string): number => {
    const index = indexOf.size
    let low = index
    indexOf.set(path, index)
    stack.push(path)
    for (const target of importsOf.get(path) ?? []) {
      const seen = indexOf.get(target)
      if (seen === undefined) low = Math.min(low, visit(target))
      else if (stack.includes(target)) low = Math.min(low, seen)
    }
    if (low === index) {
      const group = stack.splice(stack.indexOf(path))
      if (group.length > 1 || importsOf.get(path)?.includes(path)) found.push(group.sort())
    }
    return low
  }
  for (const { path } of files) if (!indexOf.has(path)) visit(path)
  return found
}

export interface Sizes {
  readonly median: number
  readonly largest: number
  readonly largestName: string
}

/** The middle and the tail of a list of sizes. */
export function sizes(entries: readonly { readonly name: string; readonly lines: number }[]): Sizes {
  const sorted = entries.toSorted((a, b) => a.lines - b.lines)
  const middle = sorted[Math.floor(sorted.length / 2)]
  const last = sorted.at(-1)
  return { median: middle?.lines ?? 0, largest: last?.lines ?? 0, largestName: last?.name ?? '' }
}
