import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { format, resolveConfig } from 'prettier'
import type { Section } from './benchmark.ts'

const HEAD = `# Results

Written by \`npm run bench\`; a run with names rewrites only their sections. Figures are medians of alternating rounds in
one process: carry over the ratios, not the times.
`

/** Puts a section into the page, in place of its last one. Sections stand in order of name. */
export async function writeSection(path: string, name: string, section: Section): Promise<void> {
  const page = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const sections = new Map<string, string>()
  for (const [, known, text] of page.matchAll(/<!-- bench:([\w-]+) -->\n([\s\S]*?)<!-- end -->/g))
    if (known !== undefined && text !== undefined) sections.set(known, text.trim())
  sections.set(name, render(section))
  const ordered = [...sections].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const body = ordered.map(([key, text]) => `<!-- bench:${key} -->\n\n${text}\n\n<!-- end -->\n`).join('\n')
  const style = await resolveConfig(path)
  writeFileSync(path, await format(`${HEAD}\n${body}`, { ...style, filepath: path }))
}

/** Also what is shown on the terminal. */
export function render(section: Section): string {
  const tables = section.tables.map(({ head, rows }) => {
    const lines = [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
    return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')
  })
  return [`## ${section.title}`, section.about, ...tables, machine()].map(part => `${part}\n`).join('\n')
}

function machine(): string {
  const processors = cpus()
  const memoryGb = Math.round(totalmem() / 2 ** 30)
  const model = processors[0]?.model.trim() ?? 'unknown processor'
  return `_${model}, ${processors.length} cores, ${memoryGb} GB; Node ${process.versions.node}, V8 ${process.versions.v8}._`
}
