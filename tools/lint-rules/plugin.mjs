import { basename, relative, sep } from 'node:path'

const vague = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'misc', 'dto', 'dtos'])

/** A folder or file called `utils` says "I did not decide": name the noun and put it beside its user. */
const namedPath = {
  meta: { type: 'suggestion', schema: [], messages: { vague: '"{{part}}" names nothing: call it by what it holds.' } },
  create(context) {
    const parts = relative(context.cwd, context.filename).split(sep)
    const words = parts.map((part) => part.replace(/\..*$/, ''))
    return {
      Program(node) {
        for (const part of words) if (vague.has(part)) context.report({ node, messageId: 'vague', data: { part } })
      },
    }
  },
}

/** Files are found by name from the shell, so there is one way to write a name. Tools want a dot before some. */
const kebabCaseFile = {
  meta: { type: 'suggestion', schema: [], messages: { name: '"{{name}}" is not in kebab case.' } },
  create(context) {
    const name = basename(context.filename)
    return {
      Program(node) {
        if (!/^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.(ts|mjs|cjs)$/.test(name))
          context.report({ node, messageId: 'name', data: { name } })
      },
    }
  },
}

/** Barrels inside a project hide where things are and close cycles. */
const indexIsTheDoor = {
  meta: { type: 'suggestion', schema: [], messages: { door: "index.ts is a project's door: name this file by what it holds." } },
  create(context) {
    const path = relative(context.cwd, context.filename).split(sep).join('/')
    const isDoor = /^(libs\/[^/]+|services\/[^/]+\/(core|app)|demo)\/src\/index\.ts$/.test(path)
    return {
      Program(node) {
        if (/^index\./.test(basename(path)) && !isDoor) context.report({ node, messageId: 'door' })
      },
    }
  },
}

export const weir = { rules: { 'named-path': namedPath, 'kebab-case-file': kebabCaseFile, 'index-is-the-door': indexIsTheDoor } }
