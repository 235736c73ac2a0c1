/** The first process of a machine or container, which the kernel ends on no signal from within, SIGKILL included. */
export const FIRST_PROCESS = 1

export const UNENDABLE =
  'it is the first process of its container, which nothing inside can end; run the container with --init (compose: "init: true")'
