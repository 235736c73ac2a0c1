// A process with a control socket. Told to stop it closes the socket, and is gone a moment later.
// Arguments: the socket's path, ms from the stop to its end, ms from there to that of the process.
import { setTimeout as sleep } from 'node:timers/promises'
import { ControlServer } from '../../src/runtime/control/control-server.ts'
import { RecordingTarget } from './control-target.ts'

const [path = '', socketMs = '0', processMs = '0'] = process.argv.slice(2)
const stopped = Promise.withResolvers<void>()
const target = new RecordingTarget()
target.stop = () => stopped.resolve()
const server = await ControlServer.open(path, target)
process.stdout.write('ready\n')
await stopped.promise
await sleep(Number(socketMs))
await server.close()
await sleep(Number(processMs))
