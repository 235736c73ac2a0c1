import { learnEnvironment } from './config/secret-keys.ts'
import type { Io } from './io.ts'

/** The same outside world, from whose output secrets are taken out, those of the environment from now on. */
export function hidingSecrets(io: Io): Io {
  learnEnvironment(io.secrets, io.env)
  const { scrub } = io.secrets
  return {
    ...io,
    stdout: text => {
      io.stdout(scrub(text))
    },
    stderr: text => {
      io.stderr(scrub(text))
    },
  }
}
