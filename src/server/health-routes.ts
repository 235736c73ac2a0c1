import type { ReadModel } from '../runtime/read-model.ts'
import { jsonAnswer, type Route } from './route.ts'

/** `/healthz`: does the loop turn? `/readyz`: may it trade? 200 or 503, with the whole document. */
export function healthRoutes(model: Pick<ReadModel, 'health'>): readonly Route[] {
  return [
    {
      path: '/healthz',
      answer: () => {
        const document = model.health()
        return jsonAnswer(document.live ? 200 : 503, document)
      },
    },
    {
      path: '/readyz',
      answer: () => {
        const document = model.health()
        return jsonAnswer(document.ready ? 200 : 503, document)
      },
    },
  ]
}
