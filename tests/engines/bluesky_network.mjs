// Bluesky's network on this machine, and people on it who use its own client. It does what it is told, a line of JSON
// for each call, until its input ends.
import { createInterface } from 'node:readline'
import { AtpAgent, RichText } from '@atproto/api'
import { TestNetwork } from '@atproto/dev-env'

const port = Number(process.argv[2])
const network = await TestNetwork.create({
  dbPostgresSchema: 'network',
  plc: { port },
  pds: { port: port + 1, hostname: 'localhost', rateLimitsEnabled: true },
  bsky: { port: port + 2 },
  ozone: { port: port + 3 },
  introspect: { port: port + 4 },
})
const people = {}

async function embedOf(agent, { image, quote }) {
  if (image) {
    const kept = await agent.uploadBlob(Buffer.from(image, 'base64'), { encoding: 'image/png' })
    return { $type: 'app.bsky.embed.images', images: [{ image: kept.data.blob, alt: 'la factura' }] }
  }
  return quote && { $type: 'app.bsky.embed.record', record: quote }
}

const does = {
  async join({ who }) {
    const agent = (people[who] = new AtpAgent({ service: network.pds.url }))
    await agent.createAccount({ handle: `${who}.test`, email: `${who}@example.com`, password: 'secret-pass' })
    const { data } = await agent.com.atproto.server.createAppPassword({ name: 'rapport' })
    return { did: agent.session.did, password: data.password }
  },
  async post({ who, text, reply, minutes = 0, ...shown }) {
    const agent = people[who]
    const rich = new RichText({ text })
    await rich.detectFacets(agent)
    const embed = await embedOf(agent, shown)
    const createdAt = new Date(Date.now() - minutes * 60_000).toISOString()
    return agent.post({ text: rich.text, facets: rich.facets, reply, createdAt, ...(embed ? { embed } : {}) })
  },
  async remove({ who, uri }) {
    return people[who].deletePost(uri)
  },
  async like({ who, uri, cid }) {
    return people[who].like(uri, cid)
  },
  async gate({ who, uri }) {
    const rkey = uri.split('/').pop()
    const record = { post: uri, allow: [], createdAt: new Date().toISOString() }
    return people[who].app.bsky.feed.threadgate.create({ repo: people[who].session.did, rkey }, record)
  },
  async thread({ who, uri }) {
    const { data } = await people[who].getPostThread({ uri, depth: 10 })
    const said = (node) => [
      ...(node.post ? [{ text: node.post.record.text, by: node.post.author.handle, uri: node.post.uri, cid: node.post.cid,
        parent: node.post.record.reply?.parent.uri, facets: node.post.record.facets, likes: node.post.likeCount,
        hidden: data.threadgate?.record.hiddenReplies ?? [] }] : []),
      ...(node.replies ?? []).flatMap(said),
    ]
    return said(data.thread)
  },
  async records({ of }) {
    const asked = { repo: people[of].session.did, collection: 'app.bsky.feed.post', limit: 100 }
    return (await people[of].com.atproto.repo.listRecords(asked)).data.records.map((one) => one.value.text)
  },
  async settle() {
    await network.processAll()
  },
}

console.log(JSON.stringify({ url: network.pds.url, view: network.bsky.url }))
for await (const line of createInterface({ input: process.stdin })) {
  const { call, ...given } = JSON.parse(line)
  try {
    console.log(JSON.stringify({ answer: (await does[call](given)) ?? null }))
  } catch (error) {
    console.log(JSON.stringify({ error: String(error.stack ?? error) }))
  }
}
process.exit(0)
