// What stands in the doc comment of a declaration.
import ts from 'typescript'

const textOf = (comment) => (ts.getTextOfJSDocComment(comment) ?? '').trim()

/** { text, tags: [{ name, subject, text }] }; `subject` is the name that a @param is about. */
export function docCommentOf(node) {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)
  const last = comments.at(-1)
  if (last === undefined) return { text: '', tags: [] }
  const tags = (last.tags ?? []).map((tag) => ({
    name: tag.tagName.text,
    subject: ts.isJSDocParameterTag(tag) ? tag.name.getText() : undefined,
    text: textOf(tag.comment),
  }))
  return { text: textOf(last.comment), tags }
}

export const isInternal = (comment) => comment.tags.some((tag) => tag.name === 'internal')

/** Joins the lines of each paragraph; items of a list keep theirs. */
export function reflow(text) {
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim().replaceAll(/\s*\n\s*(?!- )/g, ' '))
    .join('\n\n')
}

const defaultSentence = /(?:^|(?<=[.:;)])\s)Default(?::| is)? ((?:[^.]|\.(?=\S))+)(?:\.(?=\s|$)|$)/

/** Takes "Default 64 MiB." out of a text. */
export function splitDefault(text) {
  const match = defaultSentence.exec(text)
  if (match === null) return { text, standard: undefined }
  const rest = text.slice(0, match.index) + text.slice(match.index + match[0].length)
  return { text: rest.trim(), standard: match[1].trim() }
}
