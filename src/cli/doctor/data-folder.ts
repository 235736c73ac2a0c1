import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Config } from '../config/schema.ts'
import { fail, ok, reasonOf, warn, type Finding } from './finding.ts'

const MEBIBYTE = 1024 * 1024
/** File systems on which SQLite's write-ahead log does not work, by the number that statfs gives. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x01021997, '9p'],
])

/** The data folder, or where it will be made. Nothing is written to find out. */
export async function dataFolderFindings({ data_dir: folder, health }: Config): Promise<readonly Finding[]> {
  const there = nearestExisting(folder)
  return [folderFinding(folder, there), await diskFinding(there, health), await fileSystemFinding(there)]
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path))
}

function folderFinding(folder: string, there: string): Finding {
  const name = 'data_folder'
  try {
    const status = statSync(there)
    if (!status.isDirectory()) return fail(name, `${there} is a file`, 'move it away, or choose another --data-dir')
    accessSync(there, constants.R_OK | constants.W_OK | constants.X_OK)
    if (folder !== there) return ok(name, `${folder} will be made`)
    if ((status.mode & 0o002) !== 0)
      return warn(name, `${folder} can be written by everyone on this machine`, `chmod o-w ${folder}`)
    return ok(name, `${folder} can be written`)
  } catch (error) {
    return fail(
      name,
      `${folder} cannot be written: ${reasonOf(error)}`,
      'give this user write access to it, or choose another folder with --data-dir',
    )
  }
}

async function diskFinding(folder: string, health: Config['health']): Promise<Finding> {
  const name = 'disk_space'
  try {
    const { bavail, bsize } = await statfs(folder)
    const freeMb = Math.floor((bavail * bsize) / MEBIBYTE)
    const detail = `${freeMb} MiB free`
    const remedy = 'free space, or put the data folder on another disk with --data-dir'
    if (freeMb < health.disk_free_fail_mb) return fail(name, detail, remedy)
    return freeMb < health.disk_free_warn_mb ? warn(name, detail, remedy) : ok(name, detail)
  } catch (error) {
    return warn(name, `cannot be told: ${reasonOf(error)}`, 'see to it that there is space')
  }
}

async function fileSystemFinding(folder: string): Promise<Finding> {
  const name = 'file_system'
  try {
    const { type } = await statfs(folder)
    const network = NETWORK_FILE_SYSTEMS.get(type >>> 0)
    if (network === undefined) return ok(name, 'of this machine')
    return fail(
      name,
      `${network}: databases break there`,
      'put the data folder on a disk of this machine with --data-dir',
    )
  } catch (error) {
    return warn(name, `cannot be told: ${reasonOf(error)}`, 'use a disk of this machine')
  }
}
