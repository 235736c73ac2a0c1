import { parentPort } from 'node:worker_threads'
import { answerOrder } from './answer-order.ts'
import type { Order } from './protocol.ts'

// What a thread of the pool runs.
const port = parentPort
port?.on('message', (order: Order) => {
  void answerOrder(order, (answer, transfer) => port.postMessage(answer, transfer))
})
