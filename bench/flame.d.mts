export interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  /** microseconds */
  readonly timeDeltas: readonly number[]
}

export interface Frame {
  readonly name: string
  readonly owner: string
  readonly file: string
  readonly self: number
  readonly total: number
  readonly children: readonly Frame[]
}

export function treeOf(profile: Profile, place: { readonly root: string }): Frame
export function placeOf(url: string, root: string): { readonly owner: string; readonly file: string }

interface Hot {
  readonly name: string
  readonly ms: number
  readonly share: number
}
export function hottest(tree: Frame): { readonly functions: readonly Hot[]; readonly owners: readonly Hot[] }

export function boxesOf(
  tree: Frame,
  options: { readonly least: number },
): readonly { readonly node: Frame; readonly depth: number; readonly from: number; readonly share: number }[]
