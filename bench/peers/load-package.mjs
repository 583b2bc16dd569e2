// From the node_modules around this file, or else around the directory that the benchmarks run in.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export async function load(name) {
  try {
    return await import(name)
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    const elsewhere = createRequire(join(process.cwd(), 'any.js')).resolve(name)
    return import(pathToFileURL(elsewhere).href)
  }
}
