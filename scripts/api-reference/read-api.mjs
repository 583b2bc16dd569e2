// The public declarations of the package, read with the TypeScript compiler: what each entry of
// package.json's `exports` exports, with types as they are written.
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

import ts from 'typescript'

import { docCommentOf, isInternal } from './doc-comment.mjs'

/** [{ specifier, declarations }] */
export function readApi(root) {
  const entries = entryFiles(root)
  const program = ts.createProgram(
    entries.map((entry) => entry.file),
    compilerOptions(root),
  )
  const checker = program.getTypeChecker()
  const modules = entries.map(({ specifier, file }) => ({
    specifier,
    symbols: checker
      .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)))
      .map((symbol) => {
        const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0
        const target = isAlias ? checker.getAliasedSymbol(symbol) : symbol
        const isTypeOnly = ts.isTypeOnlyExportDeclaration(symbol.declarations[0])
        const isValue = !isTypeOnly && (target.flags & ts.SymbolFlags.Value) !== 0
        return { name: symbol.name, symbol: target, isValue }
      }),
  }))
  const exported = new Set(modules.flatMap((entry) => entry.symbols.map(({ symbol }) => symbol)))
  const reader = new DeclarationReader(root, checker, exported)
  return modules.map(({ specifier, symbols }) => ({
    specifier,
    declarations: symbols.map(({ name, symbol, isValue }) => ({
      ...reader.read(name, symbol),
      isValue,
    })),
  }))
}

// './dist/lib/adapters/otel.js' is made of lib/adapters/otel.ts.
function entryFiles(root) {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([path, target]) => ({
      specifier: join(name, path),
      file: join(root, target.default.replace('./dist/', '').replace(/\.js$/, '.ts')),
    }))
    .filter(({ file }) => existsSync(file))
}

function compilerOptions(root) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  return ts.convertCompilerOptionsFromJson(config.compilerOptions, root).options
}

class DeclarationReader {
  #root
  #checker
  #exported

  constructor(root, checker, exported) {
    this.#root = root
    this.#checker = checker
    this.#exported = exported
  }

  read(name, symbol) {
    const node = symbol.declarations[0]
    const shared = { name, comment: docCommentOf(commented(node)), path: this.#pathOf(node) }
    if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) {
      return {
        ...shared,
        kind: ts.isClassDeclaration(node) ? 'class' : 'interface',
        bases: (node.heritageClauses ?? [])
          .flatMap((clause) => [...clause.types])
          .filter((base) => !this.#isHidden(this.#symbolAt(base.expression)))
          .map((base) => base.getText()),
        members: this.#members(node),
      }
    }
    if (ts.isTypeAliasDeclaration(node)) {
      const fields = ts.isTypeLiteralNode(node.type) ? this.#membersOf(node.type.members) : []
      return { ...shared, kind: 'type', type: this.#aliasText(node.type), members: fields }
    }
    if (ts.isFunctionDeclaration(node)) {
      return { ...shared, kind: 'function', members: [], ...this.#callable(name, node) }
    }
    const type = node.type === undefined ? this.#inferred(node) : this.#typeText(node.type)
    return { ...shared, kind: 'constant', type, members: [] }
  }

  // What a base adds that is not exported itself belongs to whoever extends it.
  #members(node) {
    const inherited = (node.heritageClauses ?? [])
      .flatMap((clause) => [...clause.types])
      .filter((base) => this.#isHidden(this.#symbolAt(base.expression)))
      .flatMap((base) => this.#checker.getTypeAtLocation(base).getProperties())
      .map((property) => property.declarations[0])
    return this.#membersOf([...inherited, ...node.members])
  }

  #membersOf(nodes) {
    return nodes.flatMap((node) => {
      const member = this.#member(node)
      return member === undefined || isInternal(member.comment) ? [] : [member]
    })
  }

  #member(node) {
    const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : []
    const has = (kind) => modifiers.some((modifier) => modifier.kind === kind)
    const name = memberName(node)
    if (has(ts.SyntaxKind.PrivateKeyword) || name === undefined) return
    const shared = {
      name,
      comment: docCommentOf(node),
      isStatic: has(ts.SyntaxKind.StaticKeyword),
    }
    if (isCallable(node)) {
      return { ...shared, kind: 'method', ...this.#callable(name === '()' ? '' : name, node) }
    }
    const isGetter = ts.isGetAccessorDeclaration(node)
    return {
      ...shared,
      kind: 'property',
      isReadonly: isGetter || has(ts.SyntaxKind.ReadonlyKeyword),
      isOptional: node.questionToken !== undefined,
      type: node.type === undefined ? this.#inferred(node) : this.#typeText(node.type),
      fields: this.#fieldsOf(node.type),
    }
  }

  #callable(name, node) {
    const parameters = node.parameters.map((parameter) => {
      const isOptional = parameter.questionToken ?? parameter.initializer
      const type = this.#typeText(parameter.type)
      const rest = parameter.dotDotDotToken === undefined ? '' : '...'
      return {
        name: parameter.name.getText(),
        text: `${rest}${parameter.name.getText()}${isOptional ? '?' : ''}: ${type}`,
        fields: this.#fieldsOf(parameter.type),
      }
    })
    const generics = node.typeParameters?.map((parameter) => parameter.getText()).join(', ')
    const result = node.type === undefined ? '' : `: ${this.#typeText(node.type)}`
    const list = parameters.map((parameter) => parameter.text)
    const optional = node.questionToken === undefined ? '' : '?'
    const head = `${name}${optional}${generics === undefined ? '' : `<${generics}>`}`
    const isShort = head.length + list.join(', ').length + result.length < 96
    const inner = isShort ? list.join(', ') : `\n  ${list.join(',\n  ')},\n`
    return { signature: `${head}(${inner})${result}`, parameters }
  }

  // The fields of an object whose type has no public name.
  #fieldsOf(type) {
    if (type === undefined) return []
    if (ts.isIntersectionTypeNode(type)) return type.types.flatMap((one) => this.#fieldsOf(one))
    if (ts.isTypeLiteralNode(type)) return this.#membersOf(type.members)
    if (!ts.isTypeReferenceNode(type)) return []
    const symbol = this.#symbolAt(type.typeName)
    const node = symbol?.declarations?.[0]
    if (node === undefined || !this.#isHidden(symbol) || !ts.isInterfaceDeclaration(node)) return []
    return this.#members(node)
  }

  // Names that a user cannot import are written out.
  #typeText(type) {
    let text = type.getText()
    const replacements = []
    const visit = (node) => {
      if (ts.isTypeReferenceNode(node)) {
        const symbol = this.#symbolAt(node.typeName)
        const target = symbol?.declarations?.[0]
        if (target !== undefined && this.#isHidden(symbol) && ts.isTypeAliasDeclaration(target)) {
          const by = this.#typeText(target.type)
          const isPart = node !== type && !ts.isUnionTypeNode(node.parent)
          replacements.push({ node, by: isPart && by.includes(' | ') ? `(${by})` : by })
        }
      }
      ts.forEachChild(node, visit)
    }
    visit(type)
    for (const { node, by } of replacements.reverse()) {
      const from = node.getStart() - type.getStart()
      text = text.slice(0, from) + by + text.slice(from + node.getWidth())
    }
    return oneLine(text)
  }

  #aliasText(type) {
    if (!ts.isTypeOperatorNode(type)) return this.#typeText(type)
    const names = this.#checker.getTypeFromTypeNode(type).types.map((one) => `'${one.value}'`)
    return `${names[0]} | ${names[1]} | … /* ${names.length} of them */`
  }

  #inferred(node) {
    return oneLine(this.#checker.typeToString(this.#checker.getTypeAtLocation(node)))
  }

  #symbolAt(node) {
    const symbol = this.#checker.getSymbolAtLocation(node)
    const isAlias = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0
    return isAlias ? this.#checker.getAliasedSymbol(symbol) : symbol
  }

  /** Declared in lib/ and not exported by the package. */
  #isHidden(symbol) {
    const node = symbol?.declarations?.[0]
    if (node === undefined || this.#exported.has(symbol) || ts.isTypeParameterDeclaration(node)) {
      return false
    }
    return this.#pathOf(node).startsWith('lib/')
  }

  #pathOf(node) {
    return relative(this.#root, node.getSourceFile().fileName)
  }
}

const isCallable = (node) =>
  ts.isConstructorDeclaration(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isMethodSignature(node) ||
  ts.isCallSignatureDeclaration(node)

// Undefined for private names, which are nobody's business. Of the computed ones only the language's
// own are public.
function memberName(node) {
  if (ts.isConstructorDeclaration(node)) return 'constructor'
  if (ts.isIndexSignatureDeclaration(node)) return `[${node.parameters[0].getText()}]`
  if (ts.isCallSignatureDeclaration(node)) return '()'
  if (node.name === undefined || ts.isPrivateIdentifier(node.name)) return undefined
  const name = node.name.getText()
  return ts.isComputedPropertyName(node.name) && !name.startsWith('[Symbol.') ? undefined : name
}

// The comment of `export const x = …` belongs to the statement.
function commented(node) {
  return ts.isVariableDeclaration(node) ? node.parent.parent : node
}

function oneLine(text) {
  const withoutComments = text.replaceAll(/\/\*[\s\S]*?\*\//g, ' ').replaceAll(/\s+/g, ' ')
  return withoutComments
    .replace(/^ ?\| /, '')
    .replaceAll('< ', '<')
    .replaceAll(/,? >/g, '>')
}
