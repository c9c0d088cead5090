// A provider of OpenID Connect for the client "hub", whose browsers come back to the address given. Any login and password will
// do: the login is the email, verified unless it begins with "unverified". Ends with its standard input.
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const [back, secret, claimsIn] = process.argv.slice(2)
let answer
const server = createServer((request, response) => answer(request, response))
server.listen(0, 'localhost', () => {
  const issuer = `http://localhost:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [
      { client_id: 'hub', client_secret: secret, redirect_uris: [back], response_types: ['code'], grant_types: ['authorization_code'] }
    ],
    claims: { email: ['email', 'email_verified'], profile: ['name'] },
    // By the standard they are told when asked; many providers put them into the token as well.
    conformIdTokenClaims: claimsIn !== 'token',
    pkce: { required: () => true },
    findAccount: (_, email) => ({
      accountId: email,
      claims: () => ({ sub: email, email, email_verified: !email.startsWith('unverified'), name: email.split('@')[0].toUpperCase() })
    })
  })
  answer = provider.callback()
  console.log(`ready ${issuer}`)
})
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
