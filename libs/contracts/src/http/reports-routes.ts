import { z } from 'zod'
import { reportReleased } from '../reports/report-released.v1.js'
import { instant, listOf, type Route } from './route.js'

export const reportsRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/reports',
    summary: 'Released reports, the newest first.',
    scope: 'reports:read',
    responses: { 200: listOf(reportReleased) },
  },
  {
    method: 'POST',
    path: '/v1/reports',
    summary: 'Makes and releases a report over the decisions recorded in an interval.',
    scope: 'reports:write',
    idempotent: true,
    request: z.strictObject({ template: z.enum(['decisions']), from: instant, to: instant }),
    responses: { 201: reportReleased },
  },
  {
    method: 'GET',
    path: '/v1/reports/:reportId',
    summary: 'What is known of a report.',
    scope: 'reports:read',
    responses: { 200: reportReleased },
  },
  {
    method: 'GET',
    path: '/v1/reports/:reportId/package',
    summary: 'The package itself, a ZIP file; verifiable offline, with no server of ours.',
    scope: 'reports:read',
    responses: { 200: 'application/zip' },
  },
]
