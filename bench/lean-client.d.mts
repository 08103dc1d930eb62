export function readAnswer(text: string): { readonly status: number; readonly body: string; readonly last: boolean } | undefined
