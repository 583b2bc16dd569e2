const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text that is markup already. */
export class Html {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }
}

type Part = Html | string | number | undefined | readonly Part[]

function markupOf(part: Part): string {
  if (part === undefined) return ''
  if (part instanceof Html) return part.markup
  if (typeof part === 'object') return part.map(markupOf).join('')
  return String(part).replace(/[&<>"']/g, (character) => escapes[character] ?? '')
}

/** Markup as it stands, and values with everything in them escaped that is not Html itself. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(texts.map((text, i) => text + markupOf(parts[i])).join(''))
}

export interface Column {
  readonly title: string
  readonly isNumber?: boolean
}

/** The first cell of a row is its heading. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Part[])[],
): Html {
  const align = (i: number): Html => (columns[i]?.isNumber ? html` class="number"` : html``)
  const head = columns.map(({ title }, i) => html`<th scope="col" ${align(i)}>${title}</th>`)
  const body = rows.map(
    ([first, ...rest]) =>
      html`<tr>
        <th scope="row">${first}</th>
        ${rest.map((cell, i) => html`<td${align(i + 1)}>${cell}</td>`)}
      </tr> `,
  )
  return html`<div class="table" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div> `
}

const barWidth = 120

/** A bar of `value` out of `max`, for the eye only: the number stands beside it. */
export function bar(value: number, max: number): Html {
  const width = max > 0 ? Math.max(1, Math.round((barWidth * value) / max)) : 0
  return html`<svg class="bar" width="${barWidth}" height="8" aria-hidden="true">
    <rect width="${barWidth}" height="8" rx="2" class="room" />
    <rect width="${width}" height="8" rx="2" />
  </svg>`
}
