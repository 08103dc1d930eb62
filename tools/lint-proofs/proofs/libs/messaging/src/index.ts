export const messaging = 'messaging'
