// SPDX-License-Identifier: BSD-3-Clause
// The smtp-server module as a mail server: server.js MODULES CERTIFICATE KEY PASSWORD TEXTS
const fs = require('fs');
const [modules, cert, key, password, texts] = process.argv.slice(2);
const { SMTPServer } = require(modules + '/smtp-server');
const refusal = JSON.parse(texts);
function verdict(step, name, done, ok) {
  const found = /refused(\d+)/i.exec(name);
  if (!found) return done(null, ok);
  const error = new Error(refusal[step][Number(found[1])].replace(/^5\d\d /, ''));
  error.responseCode = 550;
  done(error);
}
for (const [port, secure] of [[587, false], [465, true]]) {
  new SMTPServer({
    secure, cert: fs.readFileSync(cert), key: fs.readFileSync(key), minVersion: 'TLSv1.2', authOptional: true,
    ciphers: 'DEFAULT:@SECLEVEL=0', authMethods: ['PLAIN', 'LOGIN', 'CRAM-MD5'], disableReverseLookup: true,
    onAuth(auth, session, done) {
      const good = auth.method === 'CRAM-MD5' ? auth.validatePassword(password) : auth.password === password;
      done(good ? null : new Error('Invalid username or password'), good ? { user: auth.username } : undefined);
    },
    onMailFrom(address, session, done) { verdict('mail', address.address, done); },
    onRcptTo(address, session, done) { verdict('rcpt', address.address, done); },
    onData(stream, session, done) {
      let mail = '';
      stream.on('data', (chunk) => { mail += chunk; });
      stream.on('end', () => verdict('data', (/^subject: (.*)$/im.exec(mail) || ['', ''])[1], done));
    },
  }).on('error', (error) => console.error(String(error))).listen(port, '0.0.0.0');
}
