const names = { 'postgres-log': 'PostgreSQL log', kafka: 'Kafka' }

/** Of a transport, for people. */
export const nameOf = (kind) => names[kind]
