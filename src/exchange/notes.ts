/** Where is said what an owner should know; a logger is one. */
export interface Notes {
  info(message: string): void
  warn(message: string): void
}
