/**
 * A .cpuprofile as a tree of `{ name, owner, file, self, total, children }`, times in milliseconds; a function that one caller called in
 * several places is one. Time in which nothing ran is left out. `root`: the folder that names of files are told from.
 */
export function treeOf({ nodes, samples, timeDeltas }, { root }) {
  const selfOf = new Map()
  // A sample lasts until the next one.
  for (const [index, id] of samples.entries()) selfOf.set(id, (selfOf.get(id) ?? 0) + (timeDeltas[index + 1] ?? 0) / 1_000)
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const merged = (group) => {
    const [{ callFrame }] = group
    const children = group.flatMap((node) => node.children ?? []).map((id) => byId.get(id))
    const called = [...Map.groupBy(children.filter(ran), ({ callFrame: frame }) => `${frame.functionName} ${frame.url}`).values()].map(
      merged,
    )
    const self = group.reduce((sum, node) => sum + (selfOf.get(node.id) ?? 0), 0)
    const total = called.reduce((sum, child) => sum + child.total, self)
    return { name: callFrame.functionName || '(anonymous)', ...placeOf(callFrame.url, root), self, total, children: called }
  }
  return merged([nodes[0]])
}

const ran = ({ callFrame }) => callFrame.functionName !== '(idle)'

/** Whose code it is, and in which file of theirs. */
export function placeOf(url, root) {
  if (url === '') return { owner: 'native', file: '' }
  if (url.startsWith('node:')) return { owner: 'node', file: url }
  const path = decodeURIComponent(url.replace(/^file:\/\//, ''))
  const packaged = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(path)
  if (packaged !== null) return { owner: packaged[1], file: packaged[2] }
  const own = path.startsWith(root) ? path.slice(root.length).replace(/^\//, '') : path.replace(/.*\//, '')
  const parts = own.split('/')
  return {
    owner: `weir/${parts.length > 2 ? parts[1] : parts[0]}`,
    file:
      parts
        .slice(2)
        .join('/')
        .replace(/^(app\/)?dist\//, '') || own,
  }
}

/** What took the most time by itself, by function and by owner: `[{ name, ms, share }]`, most first. */
export function hottest(tree) {
  const [functions, owners] = [new Map(), new Map()]
  const add = (map, key, ms) => map.set(key, (map.get(key) ?? 0) + ms)
  const visit = ({ name, owner, file, self, children }) => {
    add(functions, file === '' ? name : `${name} (${owner}: ${file})`, self)
    add(owners, owner, self)
    children.forEach(visit)
  }
  visit(tree)
  const ranked = (map) =>
    [...map]
      .map(([name, ms]) => ({ name, ms, share: ms / tree.total }))
      .filter(({ ms }) => ms > 0)
      .sort((a, b) => b.ms - a.ms)
  return { functions: ranked(functions), owners: ranked(owners) }
}

/** Frames as boxes: `{ node, depth, from, share }` as parts of the whole; what is narrower than `least` is left out. */
export function boxesOf(tree, { least }) {
  const boxes = []
  const visit = (node, { depth, from }) => {
    const share = node.total / tree.total
    if (share < least) return
    boxes.push({ node, depth, from, share })
    let at = from
    for (const child of [...node.children].sort((a, b) => b.total - a.total)) {
      visit(child, { depth: depth + 1, from: at })
      at += child.total / tree.total
    }
  }
  if (tree.total > 0) visit(tree, { depth: 0, from: 0 })
  return boxes
}
