/** True when a list or map is within itself, as aliases in YAML can make it: whoever walks it never ends. */
export function hasCycle(root: unknown): boolean {
  const above = new Set<unknown>()
  const done = new Set<unknown>()
  const visit = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null || done.has(value)) return false
    if (above.has(value)) return true
    above.add(value)
    const found = Object.values(value).some(visit)
    above.delete(value)
    done.add(value)
    return found
  }
  return visit(root)
}
