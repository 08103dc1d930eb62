// proof: lint/no-restricted-syntax "Export by name"
const answer = 42

export default answer
