// Turns names, codes and paths in doc comments into links.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { headingOf } from './render.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The anchor that GitHub gives a heading. */
export function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')
}

export class Links {
  #anchors = new Map()

  constructor(declarations) {
    for (const { name, kind, members } of declarations) {
      this.#add(name, anchorOf(`${kind} ${name}`))
      for (const member of members.filter((one) => one.kind === 'method')) {
        const heading = headingOf(name, member.name, member.isStatic)
        this.#add(heading, anchorOf(heading))
      }
    }
  }

  #add(heading, anchor) {
    const taken = [...this.#anchors].find(([, one]) => one === anchor)
    if (taken !== undefined) throw new Error(`${taken[0]} and ${heading} have one anchor`)
    this.#anchors.set(heading, anchor)
  }

  headingAnchor(heading) {
    return anchorOf(heading)
  }

  toName(name, text) {
    return `[${text}](#${this.#anchors.get(name)})`
  }

  /** Error codes, and exported names and methods in backquotes. `scope.owner`: whose comment it is. */
  linked(text, scope) {
    return text
      .replaceAll(/\bDEVIATION\((ARIES [\d.]+)\):/g, '*Deviates from $1:*')
      .replaceAll(/`?\b(ERR_SEAWALL_[A-Z0-9_]+)\b`?/g, (_, name) => codeLink(name))
      .replaceAll(/(?<![[\w])`([^`]+)`(?!:)/g, (quoted, name) =>
        this.#nameLink(quoted, name, scope),
      )
      .replaceAll(/(?<![\w/.`(])docs\/([\w/-]+)\b(?:\.md)?/g, documentLink)
  }

  /** `native/log/log_writer.cc, ARIES section 9`. */
  linkedSource(text) {
    return text.replaceAll(/\b(?:native|lib)\/[\w./-]+\w/g, (path) =>
      existsSync(join(root, path)) ? `[${path}](../${path})` : path,
    )
  }

  #nameLink(quoted, name, { owner }) {
    const bare = name.replace(/\(.*\)$/s, '').replace(/<.*>$/s, '')
    const heading = [bare, headingOf(owner, bare, false), headingOf(owner, bare, true)].find(
      (one) => this.#anchors.has(one) && one !== owner,
    )
    return heading === undefined ? quoted : this.toName(heading, quoted)
  }
}

const codeLink = (name) => `[\`${name}\`](ERRORS.md#${name.toLowerCase()})`

function documentLink(text, path) {
  const file = `${path}.md`
  if (existsSync(join(root, 'docs', file))) return `[${file}](${file})`
  return existsSync(join(root, 'docs', path)) ? `[${path}](${path})` : text
}
