/** Faults kept of each bot: a strategy that fails at every start may not fill the disk. */
export const FAULTS_MAX = 1_000
