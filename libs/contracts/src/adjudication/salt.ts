import { z } from 'zod'

/** base64url of 16 random bytes: who guesses the rest cannot confirm it by the digest that the log holds */
export const salt = z.string().regex(/^[A-Za-z0-9_-]{22}$/)
