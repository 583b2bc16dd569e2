/** What an operation of the engine sees of a page. */
export interface PageContent {
  readonly body: Uint8Array
  /** pageTypeFree, pageTypeMap or pageTypeUser. */
  pageType: number
}
