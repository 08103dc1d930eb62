// proof: walls/use-cases-know-no-framework
import type { Observable } from 'rxjs'

export type Stream = Observable<string>
