// SPDX-License-Identifier: BSD-3-Clause
// One mail by emailjs; the case as JSON in argv[2].
const c = JSON.parse(process.argv[2]);
const { SMTPClient } = await import(c.modules + '/emailjs/dist/index.js');
const tls = { rejectUnauthorized: false, minVersion: 'TLSv' + c.version, maxVersion: 'TLSv' + c.version, ciphers: c.ciphers ? c.ciphers + ':@SECLEVEL=0' : c.suite };
const client = new SMTPClient({
  user: c.user || undefined, password: c.user ? c.password : undefined, host: c.host, port: c.port, domain: c.helo, timeout: 20000,
  [c.implicit ? 'ssl' : 'tls']: tls, authentication: c.method ? [c.method] : undefined,
});
try {
  await client.sendAsync({ text: c.mail.slice(c.mail.indexOf('\n\n') + 2), from: c.sender, to: c.to.join(', '), subject: c.subject });
} catch (error) { console.error(String(error)); }
client.smtp.quit?.();
setTimeout(() => client.smtp.close(), 300);
