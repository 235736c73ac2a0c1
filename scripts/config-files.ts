// `npm run config`: writes what of config/ follows from the schema. A test holds that it is fresh.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultYaml } from '../src/cli/config/default-yaml.ts'
import { jsonSchema } from '../src/cli/config/json-schema.ts'

const FOLDER = join(import.meta.dirname, '../config')

writeFileSync(join(FOLDER, 'tallow.schema.json'), `${JSON.stringify(jsonSchema(), null, 2)}\n`)
writeFileSync(join(FOLDER, 'default.yaml'), defaultYaml())
