import { nearestName } from '../util/nearest-name.ts'
import { show } from '../util/show.ts'
import { invalidArgument } from './source.ts'

/** An object with options of these names and no others; what they hold is yet to be checked. */
export function checkOptions<Options>(
  given: unknown,
  names: readonly (keyof Options & string)[],
): Partial<Options> {
  if (typeof given !== 'object' || given === null) {
    throw invalidArgument(`options must be an object, not ${show(given)}`)
  }
  for (const name of Object.keys(given)) {
    if ((names as readonly string[]).includes(name)) continue
    const nearest = nearestName(name, names)
    const hint = nearest === undefined ? '' : `, did you mean '${nearest}'?`
    throw invalidArgument(`there is no option '${name}'${hint}`)
  }
  return given
}
