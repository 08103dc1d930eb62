// proof: types/TS4114
class Answer {
  text(): string {
    return 'hold'
  }
}

export class Other extends Answer {
  text(): string {
    return 'deny'
  }
}
