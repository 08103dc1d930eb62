/** Launchers of training and serving that a command line shows, as workload hints. */
const ENTRYPOINTS = [
  ['torchrun', /\btorchrun\b|torch\.distributed\.(?:run|launch)/],
  ['deepspeed', /\bdeepspeed\b/],
  ['accelerate', /\baccelerate\s+launch\b/],
  ['mpirun', /\bmpi(?:run|exec)\b/],
  ['srun', /\bsrun\b/],
  ['megatron', /\bmegatron\b/i],
  ['nemo', /\bnemo_?run\b/i],
  ['vllm', /\bvllm\b/],
  ['sglang', /\bsglang\b/],
  ['tritonserver', /\btritonserver\b/],
  ['jupyter', /\bjupyter\b/],
] as const

/** `entrypoint:<launcher>` for each launcher in a script or command line. */
export function entrypointHints(command: string): string[] {
  const looked = command.slice(0, 20_000)
  return ENTRYPOINTS.filter(([, pattern]) => pattern.test(looked)).map(([name]) => `entrypoint:${name}`)
}
