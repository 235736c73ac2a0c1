import { isIP } from 'node:net'
import { z } from 'zod'
import { listOf, wholeNumber } from './fields.ts'

/** `http:` of the config: where the daemon tells how it is. */
export const httpSection = z
  .strictObject({
    enabled: z.boolean().default(true),
    host: z
      .string()
      .regex(/^[a-zA-Z0-9.:-]{1,253}$/, 'expected an address such as 127.0.0.1, or a name such as localhost')
      .default('127.0.0.1'),
    port: wholeNumber(0, 65_535).default(8_787),
    when_taken: z.enum(['refuse', 'any']).default('refuse'),
    allow_public: z.boolean().default(false),
    allowed_hosts: listOf(
      z.string().regex(/^[a-zA-Z0-9.:-]{1,253}$/, 'expected a name or an address, without port'),
      name => name.toLowerCase(),
    ).default([]),
  })
  .superRefine(({ host, allow_public: allowed }, context) => {
    if (allowed || isLoopback(host)) return
    context.addIssue({
      code: 'custom',
      path: ['host'],
      message: `${host} can be reached from other machines, and what is served tells equity and positions`,
      params: { hint: 'use 127.0.0.1, or set http.allow_public: true when nobody else can reach it' },
    })
  })

/** Whether an address is of this machine alone. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost' || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}
