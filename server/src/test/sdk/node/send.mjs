// Five calls of analytics-node for each "url key name" after the package's name, all at the same time;
// prints every error that the SDK reports. Ends when everything is delivered or given up.
const [version, ...rest] = process.argv.slice(2)
const { Analytics } = await import(version)

async function tell(host, writeKey, name) {
  const analytics = new Analytics({ host, writeKey })
  analytics.on('error', (error) => console.log(name, 'failure', error.code, error.reason?.message))
  const heard = (error, ctx) => console.log(name, error ? 'failure' : 'success', ctx?.event?.type)
  analytics.identify(
    { userId: `${name}-old`, traits: { email: `Old@${name}.example`, name: 'Old Name' } },
    heard)
  analytics.identify(
    {
      userId: `${name}-new`,
      traits: { email: `New@${name}.example`, name: 'New Name', billingUserId: `cus_${name}`, plan: 'pro' },
    },
    heard)
  analytics.group(
    { userId: `${name}-new`, groupId: `${name}-group`, traits: { name: `Group ${name}` } }, heard)
  analytics.alias({ userId: `${name}-new`, previousId: `${name}-old` }, heard)
  analytics.track({ userId: `${name}-new`, event: 'Signed Up', properties: { seats: 3 } }, heard)
  await analytics.closeAndFlush({ timeout: 60_000 })
}

const stories = []
for (let i = 0; i < rest.length; i += 3) {
  stories.push(tell(rest[i], rest[i + 1], rest[i + 2]))
}
await Promise.all(stories)
console.log('done')
