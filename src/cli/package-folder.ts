import { dirname } from 'node:path'

/** Where the package lies: `strategies/` and `config/` are in it, beside `src/` or `dist/`. */
export const PACKAGE_FOLDER = dirname(dirname(import.meta.dirname))
