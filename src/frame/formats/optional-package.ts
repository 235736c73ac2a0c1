import { neverRetry } from '../../domain/errors.ts'

/**
 * Loads a package that Tallow works without, when it is first needed.
 * @param use what cannot be done without it: `reading Feather files`.
 * @throws never-retry that says how to install it.
 */
export async function optionalPackage<T>(name: string, use: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    throw neverRetry(`${use} needs the package ${name}, which is not installed`, {
      hint: `npm install ${name}; or use CSV`,
      cause: error,
    })
  }
}
