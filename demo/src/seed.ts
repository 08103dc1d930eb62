import { readFile } from 'node:fs/promises'
import { customers, licenses, type CustomerBody, type LicenseBody } from './world.js'
import { member, type Reply, type WeirClient } from './weir-client.js'

const screeningList = new URL('../screening-list.csv', import.meta.url)

/** Brings the demo world in over HTTP. What is there already stays as it is, also where somebody changed it. */
export async function seedWorld(client: WeirClient): Promise<{ readonly customers: number; readonly licenses: number }> {
  await seedList(client)
  let [newCustomers, newLicenses] = [0, 0]
  for (const customer of customers) if (await registerCustomer(client, customer)) newCustomers += 1
  for (const license of licenses) if (await registerLicense(client, license)) newLicenses += 1
  return { customers: newCustomers, licenses: newLicenses }
}

async function seedList(client: WeirClient): Promise<void> {
  const lists = await client.must({ path: '/v1/lists', as: 'officer-1' })
  const items = member(lists.json, 'items')
  if (Array.isArray(items) && items.length > 0) return
  await client.must({
    method: 'PUT',
    path: `/v1/lists/screening?title=${encodeURIComponent('Demo screening list')}`,
    as: 'officer-1',
    body: await readFile(screeningList, 'utf8'),
    headers: { 'content-type': 'text/csv' },
  })
}

/** false: it was there */
export async function registerCustomer(client: WeirClient, customer: CustomerBody): Promise<boolean> {
  const known = await client.call({ path: `/v1/customers/${encodeURIComponent(customer.customerId)}`, as: 'officer-1' })
  if (known.status === 200) return false
  const headers = { 'idempotency-key': `demo-customer-${customer.customerId}` }
  return isNew(await client.must({ method: 'POST', path: '/v1/customers', as: 'officer-1', body: customer, headers }, [200, 201, 409]))
}

/** false: it was there */
export async function registerLicense(client: WeirClient, license: LicenseBody): Promise<boolean> {
  const headers = { 'idempotency-key': `demo-license-${license.licenseId}` }
  return isNew(await client.must({ method: 'POST', path: '/v1/licenses', as: 'officer-1', body: license, headers }, [200, 201, 409]))
}

export async function replaceCustomer(client: WeirClient, customer: CustomerBody): Promise<void> {
  const { customerId, ...body } = customer
  await client.must({ method: 'PUT', path: `/v1/customers/${encodeURIComponent(customerId)}`, as: 'officer-1', body })
}

const isNew = (reply: Reply): boolean => reply.status === 201
