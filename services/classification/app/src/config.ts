import { z } from 'zod'

export const classificationConfig = z.object({
  /** directory with the tables of `policy/`; a site may keep its own copy */
  WEIR_CLASSIFICATION_POLICY_DIR: z.string().min(1).optional(),
  /** scope that an actor needs to add a machine name; such a row can turn a held ask into an approved one */
  WEIR_CLASSIFICATION_WRITE_SCOPE: z.string().min(1).default('catalog:write'),
})
export type ClassificationConfig = z.infer<typeof classificationConfig>

export const POLICY_DIR = new URL('../../../../policy/', import.meta.url)
