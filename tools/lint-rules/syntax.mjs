/** What `no-restricted-syntax` refuses, by where it is refused; a file gets the concatenation of what applies to it. */
const refuse = (selector, message) => ({ selector, message })

export const everywhere = [
  refuse('ExportAllDeclaration', 'List the names: the public surface of a project is reviewed.'),
  refuse('ExportDefaultDeclaration', 'Export by name, so that a rename works everywhere.'),
  refuse('TSEnumDeclaration', 'Use a union of literals.'),
  refuse(
    'TSAsExpression > TSAsExpression[typeAnnotation.type="TSUnknownKeyword"]',
    'A cast through unknown hides an error: parse the value.',
  ),
]

export const chance = [
  refuse('NewExpression[callee.name="Date"][arguments.length=0]', 'A core is told the time: take `now` as an argument.'),
  refuse('CallExpression[callee.name="Date"]', 'A core is told the time: take `now` as an argument.'),
  refuse('MemberExpression[object.name="Date"][property.name="now"]', 'A core is told the time: take `now` as an argument.'),
  refuse('MemberExpression[object.name="Math"][property.name="random"]', 'A core knows no chance: take the value as an argument.'),
]

export const environment = [
  refuse(
    'MemberExpression[object.name="process"][property.name="env"]',
    'Settings are read in config.ts (one schema per service) and handed on.',
  ),
]

const passOn = 'Faults pass through here: the runtime and the inbound edge decide what becomes of them.'

/** JSON.parse says "no" only by throwing, so a try around it is a question and not a swallowed fault. */
export const swallowing = [
  refuse('TryStatement:not(:has(MemberExpression[object.name="JSON"][property.name="parse"])) > CatchClause', passOn),
  refuse('CallExpression[callee.property.name="catch"][arguments.0.type=/Function/]', passOn),
]

export const tests = [
  refuse(
    'MemberExpression[object.name="jest"][property.name=/^(mock|doMock|unstable_mockModule)$/]',
    'Use a fake that passes the suite of its port.',
  ),
  refuse('MemberExpression[object.name=/^(it|test|describe)$/][property.name="only"]', 'The whole suite runs.'),
  refuse(
    'CallExpression[callee.object.name=/^(it|test)$/][callee.property.name="skip"]',
    'A test runs or is deleted; what the machine lacks is a conditional describe.',
  ),
  refuse('CallExpression[callee.name=/^(xit|xtest|xdescribe|fit|fdescribe)$/]', 'The whole suite runs.'),
]

const wait = 'Wait with a probe that can say what it waited for: `until` of the test kit.'

export const sleeping = [
  refuse('CallExpression[callee.name="setTimeout"]', wait),
  refuse('ImportDeclaration[source.value=/^(node:)?timers.promises$/]', wait),
]
