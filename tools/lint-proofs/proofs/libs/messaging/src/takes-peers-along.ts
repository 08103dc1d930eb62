import type { ClientProxy } from '@nestjs/microservices'

// rxjs is a peer of what this imports: declared, and not idle.
export type Client = ClientProxy
