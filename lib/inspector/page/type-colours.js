// Which colour a type of records has: classes of style.css.

const named = [
  'update',
  'compensation',
  'commit',
  'end',
  'page-image',
  'page-check',
  'begin-checkpoint',
  'end-checkpoint',
  'incarnation',
  'padding',
  'other',
]
const numberedColours = 8

/** Types of a plain log are numbers: each has a colour by its number. @param {string} typeName */
export function typeClass(typeName) {
  const name = typeName.replace(' ', '-')
  if (named.includes(name)) return `type-${name}`
  const number = Number(typeName)
  return Number.isInteger(number) ? `type-n${number % numberedColours}` : 'type-other'
}
