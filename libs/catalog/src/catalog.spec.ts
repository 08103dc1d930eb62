import { readFileSync } from 'node:fs'
import { accelerator, catalogFromRows, highestOfFamily, parseCsv, regionOf, resolveSku, withSiteMappings } from './index.js'

const table = (name: string) => parseCsv(readFileSync(new URL(`../../../policy/${name}.csv`, import.meta.url), 'utf8'))
const rows = {
  accelerators: table('accelerators'),
  instances: table('instances'),
  skuFamilies: table('sku-families'),
  regions: table('regions'),
}
const catalog = catalogFromRows(rows)

describe('parseCsv', () => {
  it('reads quotes, doubled quotes, line breaks in quotes, CRLF and empty last fields', () => {
    expect(parseCsv('a,b\r\n"x, ""y""\nz",\r\n1,2')).toEqual([
      { a: 'x, "y"\nz', b: '' },
      { a: '1', b: '2' },
    ])
  })

  it.each(['a,b\n1', 'a\n"open', 'a,b\n"x"y,2'])('refuses half a table: %j', (text) => {
    expect(() => parseCsv(text)).toThrow(expect.objectContaining({ code: 'csv-malformed' }))
  })
})

describe('catalogFromRows', () => {
  it('refuses a shape whose part is not listed', () => {
    const broken = { ...rows, instances: [{ provider: 'aws', instance_type: 'x.large', accelerator_id: 'nobody-x1' }] }
    expect(() => catalogFromRows(broken)).toThrow(expect.objectContaining({ code: 'catalog-inconsistent' }))
  })

  it('keeps an empty number apart from zero', () => {
    expect(accelerator(catalog, 'AMD-MI308X')).not.toHaveProperty('tpp')
    expect(accelerator(catalog, 'nvidia-m40')).toMatchObject({ applicableDieArea: 0 })
    expect(accelerator(catalog, 'nvidia-rtx-6000-ada')).toMatchObject({ dataCenterMarketed: 'unknown' })
  })
})

describe('resolveSku', () => {
  it.each([
    ['aws', 'p5.48xlarge', 'nvidia-h100-sxm5-80gb', 8],
    ['AWS', 'ml.P5.48xlarge', 'nvidia-h100-sxm5-80gb', 8],
    ['gcp', 'zones/us-central1-a/machineTypes/a2-highgpu-1g', 'nvidia-a100-sxm4-40gb', 1],
    ['gcp', 'ct5lp-hightpu-4t', 'google-tpu-v5e', 4],
    ['gcp', 'v4-8', 'google-tpu-v4', 4],
    [undefined, 'Standard_ND96isr_H100_v5', 'nvidia-h100-sxm5-80gb', 8],
  ])('%s %s', (provider, raw, model, count) => {
    expect(resolveSku(catalog, { provider, raw })).toEqual({ kind: 'accelerators', accelerators: [{ model, count }] })
  })

  it.each([
    ['aws', 'm5.large'],
    ['aws', 'db.r6g.xlarge'],
    ['gcp', 'c4-standard-8'],
    ['azure', 'standard_d4s_v5'],
  ])('%s %s has none', (provider, raw) => {
    expect(resolveSku(catalog, { provider, raw })).toEqual({ kind: 'none' })
  })

  it.each([
    ['aws', 'p9.48xlarge', 'safety-net'],
    ['aws', 'f1.2xlarge', 'fpga'],
    ['gcp', 'n1-standard-8', 'attachable'],
    ['alicloud', 'ecs.ebmgn9t.48xlarge', 'part-unnamed'],
    ['azure', 'Standard_NC128ds_xl_RTXPRO6000BSE_v6', 'count-unknown'],
    ['aws', 'p5.96xlarge', 'count-unknown'],
    ['openstack', 'gpu.large', 'no-match'],
    [undefined, 'g7.2xlarge', 'ambiguous'],
    [undefined, 'p5.48xlarge', 'ambiguous'],
    [undefined, 'nvidia.com/gpu', 'no-match'],
  ])('%s %s stays unknown: %s', (provider, raw, reason) => {
    expect(resolveSku(catalog, { provider, raw })).toMatchObject({ kind: 'unknown', reason })
  })

  it('answers every listed shape with its own part, and none of them with none', () => {
    for (const row of rows.instances) {
      const answer = resolveSku(catalog, { provider: row['provider'], raw: row['instance_type'] ?? '' })
      const listed = row['accelerator_id'] !== '' && row['accelerator_count'] !== ''
      expect(answer.kind).toBe(listed ? 'accelerators' : 'unknown')
      if (answer.kind === 'accelerators')
        expect(answer.accelerators).toEqual([{ model: row['accelerator_id'], count: Number(row['accelerator_count']) }])
    }
  })

  it('finds no listed shape to be none by its name alone', () => {
    const names = catalogFromRows({ ...rows, instances: [] })
    for (const row of rows.instances) {
      for (const raw of (row['instance_type'] ?? '').split(' / ')) {
        expect(resolveSku(names, { provider: row['provider'], raw }).kind).toBe('unknown')
      }
    }
  })

  it('lets the site fill a gap and never replace a row', () => {
    const site = withSiteMappings(catalog, [
      { provider: 'openstack', raw: 'GPU.large', accelerators: [{ model: 'nvidia-l4', count: 2 }] },
      { provider: 'openstack', raw: 'cpu.large', accelerators: 'none' },
      { provider: 'aws', raw: 'p5.48xlarge', accelerators: 'none' },
      { provider: 'unspecified', raw: 'node', accelerators: [] },
    ])
    expect(resolveSku(site, { provider: 'openstack', raw: 'gpu.LARGE' })).toMatchObject({
      accelerators: [{ model: 'nvidia-l4', count: 2 }],
    })
    expect(resolveSku(site, { provider: 'openstack', raw: 'cpu.large' })).toEqual({ kind: 'none' })
    expect(resolveSku(site, { raw: 'node' })).toEqual({ kind: 'none' })
    expect(resolveSku(site, { provider: 'aws', raw: 'p5.48xlarge' })).toMatchObject({ kind: 'accelerators' })
  })
})

describe('highestOfFamily', () => {
  it.each([
    ['h100', 'nvidia-h100-sxm5-80gb'],
    ['NVIDIA-H100-80GB-HBM3', 'nvidia-h100-sxm5-80gb'],
    ['NVIDIA-A100-SXM4-40GB', 'nvidia-a100-sxm4-40gb'],
    ['A10', 'nvidia-a10'],
    ['Tesla-T4', 'nvidia-t4'],
    ['RTX4090', 'nvidia-rtx-4090'],
    ['mi300x', 'amd-mi300x'],
    ['gpu', undefined],
    ['z9000', undefined],
  ])('%s', (family, model) => {
    expect(highestOfFamily(catalog, family)).toBe(model)
  })
})

describe('regionOf', () => {
  it.each([
    ['gcp', 'us-central1-a', 'us-central1', 'US'],
    ['gcp', 'projects/p/zones/europe-west4-b', 'europe-west4', 'NL'],
    ['aws', 'eu-central-1b', 'eu-central-1', 'DE'],
    ['azure', 'East US', 'eastus', 'US'],
    ['alicloud', 'cn-hangzhou-b', 'cn-hangzhou', 'CN'],
    ['aws', 'eu-central-1-waw-1a', 'eu-central-1-waw-1a', 'PL'],
  ])('%s %s', (provider, raw, code, country) => {
    expect(regionOf(catalog, { provider, raw })).toMatchObject({ code, country })
  })

  it.each([
    ['aws', 'us-west-2-zzz-1a'],
    [undefined, 'us-east-1'],
    ['gcp', 'mars-north1-a'],
  ])('%s %s is unknown', (provider, raw) => {
    expect(regionOf(catalog, { provider, raw })).toBeUndefined()
  })
})
