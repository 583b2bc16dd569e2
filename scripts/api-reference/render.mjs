// The public declarations as one page of Markdown.
import { reflow, splitDefault } from './doc-comment.mjs'
import { groups, instanceNames } from './groups.mjs'
import { Links } from './links.mjs'

const preface = `# API

Printed from the doc comments in \`lib/\` by \`npm run generate\`; do not edit. A type that takes a table here is an
object with these fields. Every method that fails throws, or rejects with, a [SeawallError](#class-seawallerror);
what its codes mean and what to do about each stands in [ERRORS.md](ERRORS.md). Sizes are in bytes unless the name
says otherwise, times are in milliseconds when the name ends in \`Ms\`. All of it is
used on one thread: the handle stays on the thread that opened it.`

/** The whole page. Throws when an exported name has no place in groups.mjs. */
export function renderApi(modules) {
  const [main, ...others] = modules
  const sections = placed(main.declarations)
  for (const { specifier, declarations } of others) {
    sections.push({ title: specifier, specifier, declarations })
  }
  const links = new Links(sections.flatMap((section) => section.declarations))
  const contents = sections.map(({ title, declarations }) => {
    const names = declarations.map(({ name }) => links.toName(name, name))
    return `- [${title}](#${links.headingAnchor(title)}): ${names.join(', ')}`
  })
  const chapters = sections.map((section) => renderSection(section, links))
  return `${[preface, contents.join('\n'), ...chapters].join('\n\n')}\n`
}

function placed(declarations) {
  const byName = new Map(declarations.map((declaration) => [declaration.name, declaration]))
  const sections = groups.map(({ title, names }) => ({
    title,
    specifier: 'seawall',
    declarations: names.map((name) => {
      const declaration = byName.get(name)
      if (declaration === undefined) throw new Error(`groups.mjs: nothing exports ${name}`)
      byName.delete(name)
      return declaration
    }),
  }))
  const [left] = byName.keys()
  if (left === undefined) return sections
  throw new Error(`${left} is exported, and has no place in scripts/api-reference/groups.mjs`)
}

function renderSection({ title, specifier, declarations }, links) {
  const values = declarations.filter(({ isValue }) => isValue)
  const names = values.map(({ name }) => name).join(', ')
  const example = names === '' ? '' : `\n\n${code(`import { ${names} } from '${specifier}'`)}`
  const body = declarations.map((declaration) => renderDeclaration(declaration, links))
  return [`## ${title}${example}`, ...body].join('\n\n')
}

function renderDeclaration(declaration, links) {
  const { name, kind, comment, members } = declaration
  const scope = { owner: name }
  const parts = [`### ${kind} ${name}`]
  if (kind === 'type') parts.push(code(`type ${name} = ${declaration.type}`))
  if (kind === 'constant') parts.push(code(`const ${name}: ${declaration.type}`))
  if (kind === 'function') parts.push(code(`function ${declaration.signature}`))
  const bases = (declaration.bases ?? []).map((base) => links.linked(`\`${base}\``, scope))
  parts.push(...commentParts(comment, links, scope, declaration.parameters))
  if (bases.length > 0) parts.push(`Everything of ${bases.join(', ')}, and:`)
  const isOptions = /Options$/.test(name)
  const properties = members.filter((member) => member.kind === 'property')
  const methods = members.filter((member) => member.kind === 'method')
  if (properties.length > 0) parts.push(fieldTable(properties, links, scope, isOptions))
  for (const method of methods) parts.push(...methodParts(name, method, links))
  return parts.filter((part) => part !== '').join('\n\n')
}

function methodParts(owner, method, links) {
  const { name, comment, parameters, signature, isStatic } = method
  const scope = { owner }
  const text = name === 'constructor' ? `new ${owner}${signature.slice(name.length)}` : signature
  return [
    `#### ${headingOf(owner, name, isStatic)}`,
    code(isStatic ? `static ${text}` : text),
    ...commentParts(comment, links, scope, parameters),
  ]
}

/** `Log.open`, `log.append`, `log[Symbol.asyncDispose]`, `new SeawallError`. */
export function headingOf(owner, name, isStatic) {
  if (name === 'constructor') return `new ${owner}`
  const subject = isStatic ? owner : (instanceNames[owner] ?? owner)
  return /^[[(]/.test(name) ? subject + name : `${subject}.${name}`
}

const tagTitles = {
  returns: 'Returns',
  durability: 'Durability',
  throws: 'Errors',
  source: 'Source',
}

function commentParts(comment, links, scope, parameters = []) {
  const parts = [links.linked(reflow(comment.text), scope)]
  const rows = parameters.flatMap(({ name, fields }) =>
    flattened(fields).map((field) => ({ ...field, name: `${name}.${field.name}` })),
  )
  const items = comment.tags
    .filter((tag) => tag.name === 'param')
    .filter((tag) => !rows.some((row) => row.name === tag.subject))
    .map((tag) => `- \`${tag.subject}\`: ${links.linked(reflow(tag.text), scope)}`)
  for (const row of rows) {
    const tag = comment.tags.find(({ subject }) => subject === row.name)
    const text = row.comment.text === '' ? (tag?.text ?? '') : row.comment.text
    items.push(`- \`${row.name}\`, \`${row.type}\`: ${links.linked(reflow(text), scope)}`)
  }
  for (const [name, title] of Object.entries(tagTitles)) {
    for (const tag of comment.tags.filter((one) => one.name === name)) {
      const text = reflow(tag.text)
      const body = name === 'source' ? links.linkedSource(text) : links.linked(text, scope)
      items.push(`- **${title}**: ${body}`)
    }
  }
  parts.push(items.join('\n'))
  return parts.filter((part) => part !== '')
}

function fieldTable(properties, links, scope, isOptions) {
  const head = isOptions ? ['option', 'type', 'default', ''] : ['field', 'type', '']
  const rows = flattened(properties).map((field) => {
    const { text, standard } = splitDefault(reflow(wholeText(field.comment)))
    const meaning = links.linked(isOptions ? text : reflow(wholeText(field.comment)), scope)
    const cells = [`\`${field.name}\``, links.linked(`\`${field.type}\``, scope)]
    if (isOptions) cells.push(links.linked(standard ?? '', scope))
    return [...cells, meaning]
  })
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

function wholeText({ text, tags }) {
  const errors = tags.filter(({ name }) => name === 'throws').map((tag) => `Errors: ${tag.text}`)
  return [text, ...errors].join(' ')
}

/** Fields of fields under dotted names, where they say something about themselves. */
export function flattened(fields) {
  return fields.flatMap((field) => {
    const inner = flattened(field.fields ?? [])
    if (inner.every((one) => one.comment.text === '')) return [field]
    const own = field.comment.text === '' ? [] : [{ ...field, type: 'object' }]
    return [...own, ...inner.map((one) => ({ ...one, name: `${field.name}.${one.name}` }))]
  })
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll(/\s*\n+\s*/g, ' ')
const code = (text) => `\`\`\`ts\n${text}\n\`\`\``
