// A small OpenID provider for browser tests: one page that asks whether it may say who one is, codes that are good once, tokens signed with RS256.
import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const url64 = (x) => Buffer.from(typeof x === 'string' ? x : JSON.stringify(x)).toString('base64url');

/** Starts one on a free port. `person` is what it says of whoever agrees, and may be changed; `down` has it answer nothing good. */
export async function provider({ clientId = 'photos', secret = 'secret', name = 'Example Ltd' } = {}) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const codes = new Map();
  const self = { person: { sub: '1' }, down: false, clientId, secret, name };
  const server = createServer((req, res) => void answer(req, res).catch((e) => {
    res.writeHead(500);
    res.end(String(e));
  }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  self.issuer = `http://127.0.0.1:${server.address().port}`;
  self.close = () => {
    server.closeAllConnections();
    server.close();
  };

  async function answer(req, res) {
    const at = new URL(req.url, self.issuer);
    const json = (v, status = 200) => {
      res.writeHead(status, { 'Content-Type': 'application/json' });
      res.end(JSON.stringify(v));
    };
    if (self.down) return json({}, 503);
    switch (at.pathname) {
      case '/.well-known/openid-configuration':
        return json({
          issuer: self.issuer, authorization_endpoint: `${self.issuer}/authorize`, token_endpoint: `${self.issuer}/token`, jwks_uri: `${self.issuer}/keys`,
          id_token_signing_alg_values_supported: ['RS256'], authorization_response_iss_parameter_supported: true,
        });
      case '/keys':
        return json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] });
      case '/authorize': {
        const back = (more) => {
          const to = new URL(at.searchParams.get('redirect_uri'));
          for (const [k, v] of Object.entries({ state: at.searchParams.get('state'), iss: self.issuer, ...more })) to.searchParams.set(k, v);
          return to.href.replaceAll('&', '&amp;');
        };
        const code = randomBytes(16).toString('hex');
        codes.set(code, { query: at.searchParams, person: self.person });
        res.writeHead(200, { 'Content-Type': 'text/html' });
        return res.end(`<!doctype html><html lang="en"><title>${self.name}</title><main><h1>${self.name}</h1><p><a href="${back({ code })}">Allow</a></p><p><a href="${back({ error: 'access_denied' })}">Refuse</a></p></main></html>`);
      }
      case '/token': {
        const form = new URLSearchParams(Buffer.concat(await req.toArray()).toString());
        const granted = codes.get(form.get('code'));
        codes.delete(form.get('code'));
        const ok = req.headers.authorization === `Basic ${Buffer.from(`${self.clientId}:${self.secret}`).toString('base64')}`;
        const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
        if (!ok || !granted || challenge !== granted.query.get('code_challenge') || form.get('redirect_uri') !== granted.query.get('redirect_uri')) return json({ error: 'invalid_grant' }, 400);
        const now = Math.floor(Date.now() / 1000);
        const claims = { iss: self.issuer, aud: self.clientId, iat: now, exp: now + 600, nonce: granted.query.get('nonce'), ...granted.person };
        const text = `${url64({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${url64(claims)}`;
        return json({ access_token: 'x', token_type: 'Bearer', expires_in: 600, id_token: `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}` });
      }
      default:
        return json({}, 404);
    }
  }
  return self;
}
