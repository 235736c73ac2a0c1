import { z } from 'zod'
import { TallowError } from '../../domain/errors.ts'

/** A text that a reader of the domain understands; its refusal and hint become the config's. */
export function textRead<T>(read: (text: string) => T) {
  return z.string().transform((text, context): T => readOr(context, () => read(text)))
}

/** The same where YAML may give a bare number: `stake: 100`, `start_time: 1704067200000`. */
export function scalarRead<T>(expected: string, read: (text: string) => T) {
  return z
    .union([z.string(), z.number()], { error: `expected ${expected}` })
    .transform((value, context): T => readOr(context, () => read(String(value))))
}

function readOr<T>(context: z.RefinementCtx, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof TallowError)) throw error
    context.addIssue({ code: 'custom', message: error.message, params: { hint: error.hint } })
    return z.NEVER
  }
}

/** A list in which nothing stands twice. @param name how an entry is called when it does. */
export function listOf<S extends z.ZodType>(entry: S, name: (value: z.output<S>) => string) {
  return z.array(entry).superRefine((values, context) => {
    const seen = new Set<string>()
    values.forEach((value, index) => {
      const text = name(value)
      if (seen.has(text))
        context.addIssue({
          code: 'custom',
          path: [index],
          message: `"${text}" is listed twice`,
          params: { hint: 'name it once' },
        })
      seen.add(text)
    })
  })
}

/** A whole number within `[min, max]`. */
export function wholeNumber(min: number, max: number) {
  return z.int().min(min).max(max)
}

/** A number within `[min, max]`. */
export function numberIn(min: number, max: number) {
  return z.number().min(min).max(max)
}

/** A path, relative to the folder that tallow is started in, or absolute. */
export function filePath() {
  // No file system has a name with a NUL, and no call takes one.
  return z
    .string()
    .min(1)
    .regex(/^[^\0]*$/, 'a path has no NUL character')
}

/** An `http` or `https` address. */
export function httpUrl() {
  return z.url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:8086' })
}
