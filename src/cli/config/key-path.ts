/** A place in the config: `['trading', 'strategies', 0, 'name']`. */
export type KeyPath = readonly (string | number)[]

/** `trading.strategies[0].name` */
export function pathText(path: KeyPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}
