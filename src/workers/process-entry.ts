import { answerOrder } from './answer-order.ts'
import type { Order } from './protocol.ts'

// What a process of the pool runs. Ctrl-C reaches the whole group: whether work is given up is for the parent to say.
// When the parent has gone, there is nobody to work for.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit())
process.on('message', (order: Order) => {
  void answerOrder(order, answer => process.send?.(answer))
})
