/** One line of execution inside a process: a handled batch, a command, a job, a relay. */
export interface Task {
  readonly name: string
  /** whose memory it lives in; a crash of the process ends all its tasks at once */
  readonly owner: object
  state: 'running' | 'parked' | 'blocked' | 'ended'
  resume: () => void
  /** undoes what it holds, when its process dies */
  abandon: () => void
}

/**
 * Runs one task at a time, each up to its next await of a port, and gives the word back there. Nothing in a run waits for
 * the machine's clock or its event loop, so the order of all steps is that of the seed.
 */
export class Scheduler {
  readonly parked: Task[] = []
  #running: Task | undefined
  #handBack: (() => void) | undefined
  #failure: unknown
  steps = 0
  started = 0
  /** the task that was started last */
  latest: Task | undefined

  get running(): Task {
    if (this.#running === undefined) throw new Error('no task runs')
    return this.#running
  }

  /** Starts a task; resolves at its first stop. */
  start(of: { readonly name: string; readonly owner: object }, work: (task: Task) => Promise<void>): Promise<void> {
    const task: Task = { ...of, state: 'running', resume: () => undefined, abandon: () => undefined }
    this.started++
    this.latest = task
    return this.#give(task, () => {
      work(task).then(
        () => this.#ended(task),
        (error: unknown) => {
          this.#failure ??= error
          this.#ended(task)
        },
      )
    })
  }

  /** Lets a parked task go on; resolves at its next stop. */
  resume(at: number): Promise<void> {
    const task = this.parked[at]
    if (task === undefined) throw new RangeError('no such task is parked')
    const last = this.parked.pop()
    if (last !== undefined && last !== task) this.parked[at] = last
    return this.#give(task, task.resume)
  }

  /** The running task stops here until it is resumed. */
  park(): Promise<void> {
    const task = this.running
    return new Promise((resume) => {
      task.resume = resume
      task.state = 'parked'
      this.parked.push(task)
      this.#giveBack()
    })
  }

  /** The running task stops here until somebody calls `unblock`. */
  block(): Promise<void> {
    const task = this.running
    return new Promise((resume) => {
      task.resume = resume
      task.state = 'blocked'
      this.#giveBack()
    })
  }

  unblock(task: Task): void {
    if (task.state !== 'blocked') return
    task.state = 'parked'
    this.parked.push(task)
  }

  /** The running task never comes back from here. */
  die(): Promise<never> {
    this.running.state = 'ended'
    this.#giveBack()
    return new Promise(() => undefined)
  }

  /** Ends tasks that do not run. */
  end(tasks: Iterable<Task>): void {
    for (const task of tasks) {
      if (task.state === 'running') continue
      const at = this.parked.indexOf(task)
      if (at >= 0) this.parked.splice(at, 1)
      task.state = 'ended'
      task.abandon()
    }
  }

  #give(task: Task, go: () => void): Promise<void> {
    this.steps++
    task.state = 'running'
    this.#running = task
    return new Promise((done, failed) => {
      this.#handBack = () => {
        if (this.#failure === undefined) done()
        else failed(this.#failure instanceof Error ? this.#failure : new Error('a task failed', { cause: this.#failure }))
      }
      go()
    })
  }

  #ended(task: Task): void {
    task.state = 'ended'
    this.#giveBack()
  }

  #giveBack(): void {
    const handBack = this.#handBack
    this.#handBack = undefined
    this.#running = undefined
    handBack?.()
  }
}
